"""Framing and acknowledgements without a socket."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.transports.ack import code_of, read_header, replies
from connectors.transports.frames import Frame, FrameReader, wrap
from connectors.verdict import Answer, Verdict
from runtime.place import AckPolicy

STREAM = (
    wrap(b"MSH|a\x1cb")
    + b"\r\n"
    + wrap(b"MSH|2")
    + b"junk"
    + b"\x0bMSH|no cr\x1c"
    + wrap(b"MSH|3")
    + b"\x0bMSH|no end"
    + wrap(b"MSH|4")
    + wrap(b"x" * 1000)
    + wrap(b"MSH|5\x0bq")
)
EXPECTED = [
    (b"MSH|a\x1cb", "whole"),
    (b"MSH|2", "whole"),
    (b"MSH|no cr", "whole"),
    (b"MSH|3", "whole"),
    (b"MSH|no end", "incomplete"),
    (b"MSH|4", "whole"),
    (b"x" * 101, "too_large"),
    (b"MSH|5\x0bq", "whole"),
]


class TestFrameReader:
    """The frames are the same however the bytes were cut."""

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.integers(1, 300), min_size=1, max_size=60))
    def test_frames_do_not_depend_on_the_cuts(self, cuts: list[int]) -> None:
        reader, frames, at = FrameReader(100), list[Frame](), 0
        for size in [*cuts, len(STREAM)]:
            frames += reader.feed(STREAM[at : at + size])
            at += size
        assert [(f.body if f.ended != "too_large" else b"x" * 101, f.ended) for f in frames] == EXPECTED
        assert reader.garbage == 4
        assert not reader.partial

    def test_a_frame_over_the_limit_is_never_held(self) -> None:
        reader = FrameReader(1000)
        assert reader.feed(b"\x0bMSH|^~\\&|head\r") == []
        for _ in range(100):
            assert reader.feed(b"y" * 10_000) == []
            assert reader.held < 11_100
        (frame,) = reader.feed(b"\x1c\r")
        assert (frame.ended, frame.size) == ("too_large", 1_000_014)
        assert frame.body.startswith(b"MSH|^~\\&|head\r")

    def test_an_open_frame_is_partial(self) -> None:
        reader = FrameReader(1000)
        assert reader.feed(b"\x0bMSH|x") == []
        assert reader.partial


ORIGINAL = b"MSH|^~\\&|PAS|RJZ|HW|HUB|20270112140000||ADT^A01^ADT_A01|ID 7|P|2.4\rPID|1||secret\r"


def _said(body: bytes, verdict: Verdict, policy: AckPolicy | None = None) -> list[list[list[str]]]:
    messages = replies(read_header(body), verdict, policy or AckPolicy(), "20270112140001", "HW1")
    return [[line.split("|") for line in m.decode("latin-1").split("\r") if line] for m in messages]


class TestReplies:
    """HL7 2.4 §2.9: who hears what."""

    def test_original_mode_echoes_the_control_id_and_turns_the_parties_round(self) -> None:
        ((msh, msa),) = _said(ORIGINAL, Verdict(Answer.ACCEPTED))
        assert msa == ["MSA", "AA", "ID 7"]
        assert msh == [
            "MSH",
            "^~\\&",
            "HW",
            "HUB",
            "PAS",
            "RJZ",
            "20270112140001",
            "",
            "ACK^A01",
            "HW1",
            "P",
            "2.4",
        ]

    def test_a_refusal_names_its_code_and_place_and_never_the_value(self) -> None:
        policy = AckPolicy(refused="AE")
        ((_, msa, err),) = _said(ORIGINAL, Verdict(Answer.REFUSED, "BAD_DATE_OF_BIRTH", "PID-7[1]"), policy)
        assert msa == ["MSA", "AE", "ID 7", "BAD_DATE_OF_BIRTH", "", "", "102^Data type error^HL70357"]
        assert err == ["ERR", "PID^1^7^102&Data type error&HL70357"]
        later = ORIGINAL.replace(b"|P|2.4", b"|P|2.5.1")
        ((_, _, err),) = _said(later, Verdict(Answer.REFUSED, "BAD_DATE_OF_BIRTH", "PID-3[2].4"), policy)
        assert err == ["ERR", "", "PID^1^3^2^4", "102^Data type error^HL70357", "E", "BAD_DATE_OF_BIRTH"]

    def test_a_refusal_under_the_default_policy_does_not_stop_the_queue(self) -> None:
        ((_, msa, _),) = _said(ORIGINAL, Verdict(Answer.REFUSED, "NO_IDENTIFIER", "PID-3"))
        assert msa[1] == "AA"

    def test_enhanced_mode_commits_and_answers_as_asked(self) -> None:
        asked = {
            ("AL", "NE"): ["CA"],
            ("NE", "AL"): ["AA"],
            ("AL", "AL"): ["CA", "AA"],
            ("NE", "NE"): [],
            ("ER", "NE"): [],
            ("SU", ""): ["CA"],
            ("ER", "SU"): ["AA"],
        }
        for (accept, application), codes in asked.items():
            body = ORIGINAL.replace(b"|P|2.4", f"|P|2.4|||{accept}|{application}".encode())
            assert [m[1][1] for m in _said(body, Verdict(Answer.ACCEPTED))] == codes, (accept, application)
        failing = ORIGINAL.replace(b"|P|2.4", b"|P|2.4|||ER|SU")
        assert [m[1][1] for m in _said(failing, Verdict(Answer.UNAVAILABLE))] == ["CE"]
        rejected = ORIGINAL.replace(b"|P|2.4", b"|P|2.4|||AL|NE")
        assert [m[1][1] for m in _said(rejected, Verdict(Answer.UNREADABLE, "UNREADABLE"))] == ["CR"]

    def test_what_we_do_not_hold_is_never_answered_positively(self) -> None:
        yes = AckPolicy(unreadable="AA", unavailable="AA")
        assert code_of(Answer.TOO_LARGE, yes) == "AE"
        assert code_of(Answer.UNAVAILABLE, yes) == "AE"
        assert code_of(Answer.TOO_LARGE, AckPolicy()) == "AR"

    def test_bytes_without_a_header_still_get_an_answer(self) -> None:
        ((msh, msa, _),) = _said(b"garbage", Verdict(Answer.UNREADABLE, "UNREADABLE"))
        assert msa[:4] == ["MSA", "AR", "", "UNREADABLE"]
        assert msh[8] == "ACK"

    def test_other_separators_are_spoken_back(self) -> None:
        body = b"MSH#*~\\&#PAS#RJZ#HW#HUB#1##ADT*A03#9#P#2.4\r"
        (message,) = replies(read_header(body), Verdict(Answer.ACCEPTED), AckPolicy(), "20270112", "HW2")
        assert message.startswith(b"MSH#*~\\&#HW#HUB#PAS#RJZ#20270112##ACK*A03#HW2#P#2.4\r")
        assert b"MSA#AA#9\r" in message
