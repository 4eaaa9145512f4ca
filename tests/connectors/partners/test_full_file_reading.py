"""Files as partners really publish them: half-written, drifted, re-encoded, shrunken, doubled (domain/03
§3.9, issue "Bad input").
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.message import RawMessage, Refusal
from connectors.partners.full_file import FileSnapshot, History, Taking, take
from connectors.partners.registry import KINDS
from runtime.place import load_place

PLACE = load_place("bromley")
NAME = "packages-20270112T0600.csv"
COLUMNS = tuple(PLACE.partners["lbb-csv"].columns.values())
ROWS = (
    "PK1,LB1,9990000018,Marlow,Edith,03/05/1942,BR1 1AA,active,01/12/2026 09:00,Community,,Oakfield,,10",
    "PK2,LB2,,Ng,Wei,07/11/1950,BR2 2BB,requested,,,,,,",
    "PK3,LB3,,Lee,Ann,01/01/1940,BR3 3CC,approved,,,,,,",
)


def file(*rows: str, header: str = ",".join(COLUMNS), end: str = "\n") -> bytes:
    """A file of the council's extract."""
    return ("\n".join((header, *rows)) + end).encode()


def taken(
    body: bytes, name: str = NAME, history: History | None = None, accepted: tuple[str, ...] = ()
) -> Taking:
    """The file through the council's dialect."""
    kind = KINDS["council_csv"].full_file
    assert kind is not None
    raw = RawMessage("lbb-csv", body, 0, name)
    return take(raw, PLACE.partners["lbb-csv"], kind, history or History(), accepted)


def last(taking: Taking) -> FileSnapshot:
    return taking.history.files[-1]


def refused(body: bytes, name: str = NAME, history: History | None = None) -> tuple[str, str]:
    """Reason and place of the refusal of a whole file."""
    with pytest.raises(Refusal) as caught:
        taken(body, name, history)
    return str(caught.value.reason), caught.value.where


class TestHalfWritten:
    """A file caught while it was being written is no statement about anybody."""

    def test_trailer_that_promises_more_rows(self) -> None:
        assert refused(file(*ROWS, "#rows=4")) == ("FILE_INCOMPLETE", "trailer")

    def test_trailer_that_agrees(self) -> None:
        assert len(taken(file(*ROWS, "#rows=3,,,,,")).rows) == 3

    def test_last_row_cut_off(self) -> None:
        assert refused(file(*ROWS, end="")[:-20]) == ("FILE_INCOMPLETE", "row 4")

    def test_quote_left_open(self) -> None:
        assert refused(file(ROWS[0], 'PK2,LB2,,"Ng')) == ("FILE_INCOMPLETE", "row 3")

    def test_nothing_at_all(self) -> None:
        assert refused(b"") == ("FILE_INCOMPLETE", "header")

    def test_last_line_without_its_newline_is_whole(self) -> None:
        assert len(taken(file(*ROWS, end="")).rows) == 3


class TestHeader:
    """The columns of the dialect, whatever their order and spacing, or a refusal that names the missing one.
    """

    def test_renamed_column_is_named(self) -> None:
        header = ",".join(COLUMNS).replace("Date of birth", "D.O.B.")
        assert refused(file(*ROWS, header=header)) == ("HEADER_DRIFT", "header Date of birth")

    def test_doubled_column_is_drift(self) -> None:
        header = ",".join(COLUMNS) + ",Status"
        assert refused(file(*(f"{row}," for row in ROWS), header=header)) == ("HEADER_DRIFT", "header Status")

    def test_case_and_spaces_do_not_count(self) -> None:
        header = ",".join(f" {column.upper()}  " for column in COLUMNS)
        assert len(taken(file(*ROWS, header=header)).rows) == 3

    def test_new_columns_are_ignored_and_said_to_be(self) -> None:
        header = "Extra," + ",".join(COLUMNS)
        taking = taken(file(*(f"x,{row}" for row in ROWS), header=header))
        assert last(taking).ignored == ("Extra",)
        assert len(taking.rows) == 3

    def test_other_order_of_columns_says_the_same(self) -> None:
        rows = (",".join(reversed(row.split(","))) for row in ROWS)
        turned = file(*rows, header=",".join(reversed(COLUMNS)))
        said = [[d.fields for row in taken(body).rows for d in row.drafts] for body in (file(*ROWS), turned)]
        assert said[0] == said[1]


class TestCharacters:
    """A name is never damaged silently."""

    ROW = ROWS[1].replace("Ng", "Núñez")

    @pytest.mark.parametrize(("encode", "flags"), [
        (lambda text: text.encode(), ()),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), ()),
        (lambda text: text.encode("utf-16"), ()),
        (lambda text: text.encode("latin-1"), ("charset_guessed",)),
    ], ids=["utf-8", "utf-8 with mark", "utf-16", "latin-1"])
    def test_name_survives(self, encode: Callable[[str], bytes], flags: tuple[str, ...]) -> None:
        taking = taken(encode(file(self.ROW).decode()))
        assert taking.rows[0].drafts[-1].subject.family == "Núñez"
        assert last(taking).flags == flags

    def test_bytes_of_no_known_charset_are_refused(self) -> None:
        assert refused(file(ROWS[0]) + b"\x81\x8d") == ("BAD_CHARSET", "file")


class TestRows:
    """A row that cannot be read is refused alone, and is not gone."""

    def test_bad_rows_name_their_place_and_nothing_else(self) -> None:
        taking = taken(file(ROWS[0], ROWS[1].replace("07/11", "07/13"), ROWS[2] + ",x", ",,,,,,,open,,,,,,"))
        places = [(str(r.reason), r.where) for r in taking.refusals]
        assert places == [
            ("BAD_DATE_OF_BIRTH", "row 3 dob"), ("BAD_ROW", "row 4"), ("NO_IDENTIFIER", "row 5 package_id"),
        ]
        assert len(taking.rows) == 1
        assert not any("1950" in str(r) for r in taking.refusals)

    def test_refused_row_is_not_gone(self) -> None:
        history = taken(file(*ROWS)).history
        body = file(ROWS[0], ROWS[1].replace("07/11", "07/13"), ROWS[2])
        later = taken(body, "packages-20270112T0700.csv", history)
        assert later.besides == ()
        assert [row.no_change for row in later.rows] == ["empty diff"] * 2

    def test_while_one_row_has_no_name_nobody_is_gone(self) -> None:
        history = taken(file(*ROWS)).history
        later = taken(file(ROWS[0], ROWS[1], ",LB3,,,,,,open,,,,,,"), "packages-20270112T0700.csv", history)
        assert later.besides == ()

    def test_vanished_row_is_gone_once(self) -> None:
        history = taken(file(*ROWS)).history
        later = taken(file(*ROWS[:2]), "packages-20270112T0700.csv", history)
        assert [d.kind for t in later.besides for d in t.drafts] == ["CarePackageRowGone"]
        again = taken(file(*ROWS[:2], "#rows=2"), "packages-20270112T0800.csv", later.history)
        assert again.besides == ()

    def test_twins_that_agree_are_one_row(self) -> None:
        taking = taken(file(ROWS[0], ROWS[1], ROWS[1].replace("Ng", "")))
        assert len(taking.rows) == 2
        assert taking.rows[1].drafts[-1].subject.family == "Ng"

    def test_twins_that_differ_are_both_refused(self) -> None:
        taking = taken(file(ROWS[0], ROWS[1], ROWS[1].replace("requested", "ended")))
        assert [(str(r.reason), r.where) for r in taking.refusals] == [
            ("BAD_ROW", "row 3 package_id"), ("BAD_ROW", "row 4 package_id"),
        ]
        assert len(taking.rows) == 1

    def test_number_a_spreadsheet_spoiled_leaves_the_row_its_own_id(self) -> None:
        taking = taken(file(ROWS[0].replace("9990000018", "9.99E+09")))
        assert [one.system for one in taking.rows[0].drafts[0].subject.ids] == ["SOCIAL_CARE", "NHS"]

    def test_spreadsheet_guard_around_a_reference_is_taken_off(self) -> None:
        row = ROWS[1].replace("PK2", '"=""007"""')
        assert taken(file(row)).rows[0].drafts[0].fields["record_ref"] == "007"


class TestShrunken:
    """A file under 60 % of the one before is held for a human (domain/03 §3.9)."""

    LATER = "packages-20270112T0700.csv"

    def test_held(self) -> None:
        history = taken(file(*ROWS)).history
        assert refused(file(ROWS[0]), self.LATER, history) == ("FILE_SHRUNKEN", "rows 1 of 3")

    def test_two_of_three_are_enough(self) -> None:
        assert taken(file(*ROWS[:2]), self.LATER, taken(file(*ROWS)).history).besides

    def test_let_through_by_a_human(self) -> None:
        history, body = taken(file(*ROWS)).history, file(ROWS[0])
        digest = RawMessage("lbb-csv", body, 0).sha256
        assert len(taken(body, self.LATER, history, (digest,)).besides) == 2

    def test_refused_rows_still_count_as_rows(self) -> None:
        history = taken(file(*ROWS)).history
        later = taken(file(ROWS[0], ROWS[1].replace("07/11", "32/11")), self.LATER, history)
        assert (len(later.rows), len(later.refusals)) == (1, 1)


class TestAsAt:
    """The time of a file comes from its name or a column, never from its arrival."""

    def test_of_the_name_in_the_partners_zone(self) -> None:
        assert last(taken(file(*ROWS), "packages-20260712T0600.csv")).as_at == 1_783_832_400_000_000

    def test_repeated_hour_is_flagged(self) -> None:
        assert last(taken(file(*ROWS), "packages-20261025T0130.csv")).flags == ("ambiguous",)

    def test_other_name_is_refused(self) -> None:
        assert refused(file(*ROWS), "copy of packages.csv") == ("BAD_DATE", "file name")

    def test_of_a_column(self) -> None:
        dialect = PLACE.partners["lbb-csv"].model_copy(update={"as_at": "column:Status date"})
        kind = KINDS["council_csv"].full_file
        assert kind is not None
        taking = take(RawMessage("lbb-csv", file(*ROWS), 0, "any"), dialect, kind, History())
        assert last(taking).as_at == 1_796_115_600_000_000

    def test_late_file_speaks_for_its_own_time(self) -> None:
        history = taken(file(*ROWS), "packages-20270112T0500.csv").history
        history = taken(file(*ROWS, "#rows=3"), "packages-20270112T0700.csv", history).history
        changed = file(ROWS[0], ROWS[1].replace("Ng", "Nguyen"), ROWS[2])
        late = taken(changed, "packages-20270112T0600.csv", history)
        _, six, seven = (file.as_at for file in late.history.files)
        assert [(d.subject.family, d.recorded_at) for t in late.rows for d in t.drafts] == [("Nguyen", six)]
        assert [(d.subject.family, d.recorded_at) for t in late.besides for d in t.drafts] == [("Ng", seven)]

    def test_a_file_of_the_future_is_refused(self) -> None:
        kind = KINDS["council_csv"].full_file
        assert kind is not None
        raw = RawMessage("lbb-csv", file(*ROWS), 1_796_115_600_000_000, NAME)
        with pytest.raises(Refusal) as caught:
            take(raw, PLACE.partners["lbb-csv"], kind, History())
        assert str(caught.value.reason) == "EVENT_IN_FUTURE"


def test_message_ids_and_things_hold_no_identifier() -> None:
    """A row's id is (row key, as_at), the key by a stand-in; a row known by its number alone is named by its
    place.
    """
    dialect, kind = PLACE.partners["hub-list"], KINDS["hub_list"].full_file
    assert kind is not None
    header = ",".join(dialect.columns.values())
    people = (
        ("M777", "9990000018", "V777"), ("M778", "9990000026", ""),
        ("", "9990000034", ""), ("", "9990000042", ""),
    )
    rows = [f"{mrn},{number},03/05/1942,{visit}" + "," * 14 for mrn, number, visit in people]
    raw = RawMessage("hub-list", file(*rows, header=header), 0, "hublist-20270112T090000.csv")
    taking = take(raw, dialect, kind, History())
    ids = [row.message_id for row in taking.rows]
    told = repr([(row.message_id, draft) for row in taking.rows for draft in row.drafts])
    assert len(set(ids)) == 4
    for secret in ("777", "778", "9990000"):
        assert secret not in told
