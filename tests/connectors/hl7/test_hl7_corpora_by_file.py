"""Every published HL7 file, read as a feed of its own test or production mark: what becomes of it, written by
hand from the rule (`corpora.csv`: file → messages, facts by kind, no-changes, refusals by reason).

The table is a floor: a fact that is no longer made fails, and so does one nobody expected. XML is not read by
this partner kind, and says so. Without the corpora beside the repository the tests are skipped by name.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.duplicates import Window
from connectors.message import RawMessage
from connectors.pipeline import Pipeline
from runtime.place import Partner, Place
from runtime.pseudonym import KeyRing

HERE = Path(__file__).resolve()
CORPORA = HERE.parents[4] / "shared" / "corpora"
FOLDERS = ("hapi", "hl7apy", "lfh", "oie", "python-hl7")
SUFFIXES = {".hl7", ".txt", ".xml"}
NOW = 1_800_000_000_000_000
FLOOR = {
    "SpellAdmitted": 23, "SpellRegistered": 3, "SpellTransferred": 1, "SpellDischarged": 6,
    "SpellAmended": 12, "PersonsLinked": 15, "DeathRecorded": 26, "PersonFlagged": 5, "PersonIdentified": 72,
    "PersonTagged": 28,
}  # fmt: skip
"""Facts of all files together: the sums of the table, written again so that both must be changed."""

needs_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(),
    reason="NOT RUN: no shared/corpora beside the repository; published HL7 files not replayed one by one",
)


class Told(NamedTuple):
    """A row of the table."""

    processing_id: str
    messages: int
    facts: Counter[str]
    no_changes: Counter[str]
    refusals: Counter[str]


def _counts(text: str) -> Counter[str]:
    pairs = (one.rsplit(" ", 1) for one in text.split("; ") if one)
    return Counter({name: int(number) for name, number in pairs})


def _table() -> dict[str, Told]:
    with HERE.with_name("corpora.csv").open(encoding="utf-8") as text:
        return {
            row["file"]: Told(
                row["processing_id"],
                int(row["messages"]),
                _counts(row["facts"]),
                _counts(row["no_changes"]),
                _counts(row["refusals"]),
            )
            for row in csv.DictReader(text)
        }


TABLE = _table()


def replayed(name: str, processing_id: str) -> Told:
    """What becomes of a file, by a partner to which everything is in scope and nothing is too old."""
    dialect = Partner(
        kind="hl7_adt", sector="hospital", transport="files", charset="cp1252", horizon_days=100_000,
        processing_id=processing_id,
    )  # fmt: skip
    place = Place(name="corpora", title="corpora", partners={"c": dialect})
    through = Pipeline(place, "c", KeyRing.offline(), window=Window(hours=None))
    found = Told(processing_id, 0, Counter(), Counter(), Counter())
    kinds: dict[str, str] = {}  # an event said again, flagged, is the same fact
    for body in through.split((CORPORA / name).read_bytes()):
        outcome = through.process(RawMessage("c", body, NOW))
        kinds |= {event.record["event_id"]: event.schema.split(".")[0] for event in outcome.events}
        found.refusals.update(f"{one.reason} at {one.where}" for one in outcome.refusals)
        found.no_changes.update([outcome.cause] if outcome.cause else [])
        found = found._replace(messages=found.messages + 1)
    found.facts.update(kinds.values())
    return found


def _files() -> Iterator[str]:
    for folder in FOLDERS:
        for path in (CORPORA / folder).rglob("*"):
            if path.suffix in SUFFIXES and "LICENSE" not in path.name:
                yield path.relative_to(CORPORA).as_posix()


@needs_corpora
@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_file_becomes_what_was_written_down(name: str) -> None:
    assert replayed(name, TABLE[name].processing_id) == TABLE[name]


@needs_corpora
def test_no_file_is_left_out() -> None:
    assert sorted(_files()) == sorted(TABLE)


def test_the_table_is_whole_and_stands_on_its_floor() -> None:
    """Holds without the corpora: nothing may be taken out of the table to make it pass."""
    assert len(TABLE) == 156
    assert sum(told.messages for told in TABLE.values()) == 291
    assert sum((told.facts for told in TABLE.values()), Counter()) == FLOOR
    assert all(told.messages == 0 or told.facts or told.refusals for told in TABLE.values())
