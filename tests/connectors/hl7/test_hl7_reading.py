"""Reading HL7 text: delimiters, escapes, three states, character sets; and files into messages."""

from __future__ import annotations

import pytest

from connectors.message import Refusal
from connectors.partners.hl7_adt.reading import ABSENT, Message, Segment, read
from connectors.partners.hl7_adt.splitting import split
from schemas.reasons import Reason

HEADER = b"MSH|^~\\&|PAS|RJZ|||20260110||ADT^A01|M1|P|2.4"


def segment(text: str, name: str = "PID") -> Segment:
    found = read(HEADER + b"\r" + text.encode()).first(name)
    assert found is not None
    return found


class TestThreeStates:
    """Absent, deleted and given are three things (design.md §3)."""

    def test_of_a_field(self) -> None:
        pid = segment('PID|||""|x|  |')
        assert [pid.value(n) for n in (1, 3, 4, 5, 6, 30)] == [ABSENT, None, "x", ABSENT, ABSENT, ABSENT]

    def test_of_a_component(self) -> None:
        pid = segment('PID|a^""^c&d^|""')
        assert [pid.value(1, c) for c in (1, 2, 3, 4, 9)] == ["a", None, "c", ABSENT, ABSENT]
        assert pid.value(2, 5) is None

    def test_only_the_first_repetition_counts_as_the_value(self) -> None:
        pid = segment("PID|a~b^c")
        assert (pid.value(1), pid.value(1, 2)) == ("a", ABSENT)
        assert pid.repetitions(1) == [[["a"]], [["b"], ["c"]]]

    def test_a_deleted_field_has_no_repetitions(self) -> None:
        assert segment('PID|""').repetitions(1) == []

    def test_header_fields_are_numbered_as_in_the_standard(self) -> None:
        header = read(HEADER).header
        assert [header.text(n) for n in (4, 7, 10, 11)] == ["RJZ", "20260110", "M1", "P"]
        assert header.text(9, 2) == "A01"


class TestEscapes:
    """Every London PV1 holds `A\\T\\E` (lessons.md §4.8)."""

    @pytest.mark.parametrize(
        ("sent", "meant"),
        [
            (r"A\T\E", "A&E"), (r"a\F\b\S\c\R\d\E\e", "a|b^c~d\\e"), (r"one\.br\two", "one\ntwo"),
            (r"\H\bold\N\ text", "bold text"), (r"caf\XC3A9\ ", "caf\u00e9"), (r"\Zfoo\ x", r"\Zfoo\ x"),
            ("back\\slash", "back\\slash"), (r"\T", r"\T"), (r"x\T\\S\y", "x&^y"), (r"\XZZ\ ", "\\XZZ\\"),
        ],
    )  # fmt: skip
    def test_sequences(self, sent: str, meant: str) -> None:
        assert segment(f"PID|{sent}").value(1) == meant

    def test_a_delimiter_behind_an_escape_splits_nothing(self) -> None:
        assert segment(r"PID|A\S\B^C").value(1, 2) == "C"


class TestDelimiters:
    """As the header says; hl7apy and hapi corpora."""

    def test_every_one_changed(self) -> None:
        message = read(b"MSH!$r?@!PAS!RJZ!!!20260110!!ADT$A01!M1!P\rPID!1!!55$$$X?T?Yr66")
        pid = message.first("PID")
        assert pid is not None
        assert pid.repetitions(3) == [[["55"], [""], [""], ["X@Y"]], [["66"]]]

    def test_a_fifth_encoding_character(self) -> None:
        assert read(HEADER.replace(b"^~\\&", b"^~\\&#")).header.text(9, 2) == "A01"

    def test_an_old_version_without_subcomponents(self) -> None:
        assert read(HEADER.replace(b"^~\\&", b"^~\\")).header.text(9, 2) == "A01"

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            (b"", "MSH-1"), (b"   \r\n", "MSH-1"), (b"PID|1", "MSH-1"), (b"MSH", "MSH-1"), (b"MSH|", "MSH-2"),
            (b"MSH||||", "MSH-2"), (b"MSH|^~\\&#$|", "MSH-2"), (b"MSH|^&&^|", "MSH-2"),
            (b"MSH\xe9^~\\&\xe9", "MSH-1"), (b"\xff\xfeM\x00S\x00H\x00", "MSH-1"),
            (b"MSH|\xe9~\\&|", "MSH-2"),
        ],
    )  # fmt: skip
    def test_a_header_that_cannot_be_used_is_unreadable(self, body: bytes, where: str) -> None:
        with pytest.raises(Refusal) as caught:
            read(body)
        assert (caught.value.reason, caught.value.where) == (Reason.UNREADABLE, where)


def lines(message: Message) -> list[str]:
    return [s.line for s in message.segments]


class TestLines:
    """CR is the terminator; feeds send LF, CRLF, both and blank lines."""

    @pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\r\r"])
    def test_any_terminator(self, end: bytes) -> None:
        body = end.join([HEADER, b"EVN||1", b"PID|1"]) + end
        assert lines(read(body))[1:] == ["EVN||1", "PID|1"]

    def test_a_line_broken_inside_a_field_is_mended(self) -> None:
        message = read(HEADER + b"\rPV1|1|I|OAK\nWARD^B\rPID|1")
        assert lines(message)[1:] == ["PV1|1|I|OAK\nWARD^B", "PID|1"]

    def test_framing_and_byte_order_mark_are_tolerated(self) -> None:
        assert lines(read(b"\xef\xbb\xbf\x0b" + HEADER + b"\rPID|1\r\x1c\r"))[1:] == ["PID|1"]

    def test_content_is_what_stands_outside_the_header(self) -> None:
        one, other = (read(HEADER.replace(b"M1", mid) + b"\nEVN||1\nZZZ|x\n") for mid in (b"M1", b"M2"))
        assert one.content() == other.content() == "EVN||1\rZZZ|x"
        assert one.content(("ZZZ",)) == "EVN||1"


class TestCharacterSets:
    """Per partner and MSH-18; never a replaced character (lessons.md §4.8)."""

    @staticmethod
    def body(name: bytes, declared: bytes = b"") -> bytes:
        return HEADER + b"||||||" + declared + b"\rPID|" + name

    @pytest.mark.parametrize(
        ("declared", "sent", "flags"),
        [
            (b"", "cp1252", ()), (b"UNICODE UTF-8", "utf-8", ()), (b"8859/1", "iso-8859-1", ()),
            (b"UNICODE", "cp1252", ("charset_differs",)), (b"ASCII", "cp1252", ()),
            (b"KLINGON", "cp1252", ()),
            (b"UTF-8~8859/1", "utf-8", ()),
        ],
    )  # fmt: skip
    def test_of_a_cp1252_feed(self, declared: bytes, sent: str, flags: tuple[str, ...]) -> None:
        message = read(self.body("BRONTË".encode(sent), declared), "cp1252")
        assert message.segments[1].value(1) == "BRONTË"
        assert message.flags == flags

    def test_a_dialect_may_ignore_the_header(self) -> None:
        message = read(self.body("BRONTË".encode("cp1252"), b"UNICODE"), "cp1252", honour_msh18=False)
        assert (message.segments[1].value(1), message.flags) == ("BRONTË", ())

    def test_what_is_text_in_neither_is_refused(self) -> None:
        with pytest.raises(Refusal) as caught:
            read(self.body(b"BRONT\xcb"), "utf-8")
        assert (caught.value.reason, caught.value.where) == (Reason.BAD_CHARSET, "MSH-18")


ONE, TWO = HEADER + b"\rPID|1\r", HEADER.replace(b"M1", b"M2") + b"\rPID|2\r"


class TestFiles:
    """One or many messages, wrapped, framed or neither; nothing of a file is dropped."""

    def test_messages_come_out_byte_for_byte(self) -> None:
        assert list(split(ONE + TWO)) == [ONE, TWO]
        assert list(split(b"\xef\xbb\xbf" + ONE)) == [ONE]

    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    def test_any_terminator(self, end: bytes) -> None:
        one, two = ONE.replace(b"\r", end), TWO.replace(b"\r", end)
        assert list(split(one + end + two)) == [one + end, two]

    def test_frames(self) -> None:
        framed = b"\x0b" + ONE + b"\x1c\r" + b"\x0b" + TWO + b"\x1c\r"
        assert list(split(framed)) == [ONE, TWO]
        assert list(split(framed.removesuffix(b"\x1c\r"))) == [ONE, TWO]
        assert list(split(framed.replace(b"\x1c\r\x0b", b"\x0b"))) == [ONE, TWO]

    def test_batch_wrapping_is_left_out(self) -> None:
        wrapped = b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + ONE + TWO + b"BTS|2\rFTS|1\r"
        assert list(split(wrapped)) == [ONE, TWO]

    def test_what_belongs_to_no_message_is_a_piece_of_its_own(self) -> None:
        assert list(split(b"noise\r" + ONE + b"BTS|1\rPID|9\r")) == [b"noise\r", ONE, b"PID|9\r"]

    @pytest.mark.parametrize("body", [b"", b"\r\n \r", b"\xef\xbb\xbf", b"\x0b\x1c\r", b"BHS|^~\\&\rBTS|0\r"])
    def test_nothing_is_no_message(self, body: bytes) -> None:
        assert list(split(body)) == []
