"""Published messages through the pipeline: every one ends as written down here by hand, none is lost.

The tables are a floor: a message moves to `accepted` only by a change somebody made on purpose. Folders with
test traffic (T or D in MSH-11) are read once as a live feed sees them and once as a test feed does.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from connectors.duplicates import Window
from connectors.message import RawMessage
from connectors.partners.hl7_adt.reading import read
from connectors.pipeline import Outcome, Pipeline
from runtime.place import Partner, Place
from runtime.pseudonym import KeyRing

CORPORA = Path(__file__).resolve().parents[4] / "shared" / "corpora"
pytestmark = pytest.mark.skipif(
    not CORPORA.is_dir(),
    reason="NOT RUN: no shared/corpora beside the repository; published messages not replayed",
)
NOW = 1_800_000_000_000_000
FOLDERS = ("hapi", "hl7apy", "lfh", "oie", "python-hl7")


def pipeline(processing_id: str = "P") -> Pipeline:
    """A partner to which everything is in scope and nothing is too old."""
    dialect = Partner(
        kind="hl7_adt", sector="hospital", transport="files", charset="cp1252", horizon_days=100_000,
        processing_id=processing_id,
    )  # fmt: skip
    place = Place(name="corpora", title="corpora", partners={"c": dialect})
    return Pipeline(place, "c", KeyRing.offline(), window=Window(hours=None))


def replay(paths: list[Path], processing_id: str = "P") -> list[tuple[Path, Outcome]]:
    through = pipeline(processing_id)
    return [
        (path, through.process(RawMessage("c", body, NOW)))
        for path in paths
        for body in through.split(path.read_bytes())
    ]


def verdict(outcome: Outcome) -> str:
    if outcome.kind != "quarantined":
        return outcome.cause or outcome.kind
    first = outcome.refusals[0]
    return f"{first.reason} at {first.where}"


def table(paths: list[Path], processing_id: str = "P") -> dict[str, int]:
    return dict(Counter(verdict(outcome) for _, outcome in replay(paths, processing_id)))


def files(folder: str) -> list[Path]:
    return sorted((CORPORA / folder).rglob("*.hl7"))


TABLES: dict[tuple[str, str], dict[str, int]] = {
    # Header samples: four have delimiters nobody can use; the rest are no ADT, test traffic or header only.
    ("hl7apy", "P"): {
        "WRONG_PROCESSING_ID at MSH-11": 17, "UNSUPPORTED_EVENT at MSH-9": 3, "UNREADABLE at MSH-2": 4,
        "FIELD_MISSING at PID": 2, "FIELD_MISSING at MSH-9": 1, "FIELD_MISSING at PV1-19": 1,
    },
    ("hl7apy", "D"): {
        "UNSUPPORTED_EVENT at MSH-9": 15, "WRONG_PROCESSING_ID at MSH-11": 9, "UNREADABLE at MSH-2": 4,
    },
    # 21 ends in a PID without MRG; 48 has no control id; 51 to 53 lack PID and times; 56 to 58 are VXU.
    ("lfh", "P"): {
        "accepted": 25, "WRONG_PROCESSING_ID at MSH-11": 26, "FIELD_MISSING at MRG[4]": 1,
        "FIELD_MISSING at MSH-10": 1, "FIELD_MISSING at EVN-2": 2, "FIELD_MISSING at EVN-6": 1,
        "FIELD_MISSING at PV1-19": 1, "UNSUPPORTED_EVENT at MSH-9": 3,
    },
    ("lfh", "T"): {"WRONG_PROCESSING_ID at MSH-11": 37, "accepted": 12, "FIELD_MISSING at PV1-19": 11},
    # SIU, ORU and ORM; A01, A04 and A08 without a visit number; one A40, twice.
    ("oie", "P"): {
        "UNSUPPORTED_EVENT at MSH-9": 13, "FIELD_MISSING at PV1-19": 4, "accepted": 1, "same id": 1,
    },
    # The faults of wrapping end as pieces without a header (6) and messages cut off before PID (3).
    ("python-hl7", "P"): {
        "UNREADABLE at MSH-1": 6, "FIELD_MISSING at PID": 3, "FIELD_MISSING at PV1-19": 17,
        "UNSUPPORTED_EVENT at MSH-9": 2,
    },
    # A24 under other delimiters, in test traffic: two records are linked.
    ("hapi", "P"): {"WRONG_PROCESSING_ID at MSH-11": 1},
    ("hapi", "T"): {"accepted": 1},
}  # fmt: skip
COUNTS = {"hapi": 1, "hl7apy": 28, "lfh": 60, "oie": 19, "python-hl7": 28}


class TestTables:
    """By folder: what becomes of every message."""

    @pytest.mark.parametrize(("folder", "processing_id"), sorted(TABLES))
    def test_every_hl7_file_ends_as_written_down(self, folder: str, processing_id: str) -> None:
        assert table(files(folder), processing_id) == TABLES[folder, processing_id]

    def test_no_folder_is_left_out_and_every_table_adds_up(self) -> None:
        holding = {path.relative_to(CORPORA).parts[0] for path in CORPORA.rglob("*.hl7")}
        assert holding == set(COUNTS) == {folder for folder, _ in TABLES}
        assert all(sum(said.values()) == COUNTS[folder] for (folder, _), said in TABLES.items())

    def test_a_day_of_heavy_repetition_is_fifteen_messages_and_a_corrupted_copy(self) -> None:
        outcomes = [outcome for _, outcome in replay([CORPORA / "oie" / "messages" / "TestADT.txt"], "D")]
        assert Counter(map(verdict, outcomes)) == {"accepted": 16, "same id": 108}
        flagged = {o.message_id for o in outcomes for e in o.events if "ID_REUSED" in e.record["flags"]}
        assert flagged == {"603266"}
        assert len({outcome.message_id for outcome in outcomes}) == 15

    def test_what_has_no_ending_of_its_own_is_refused_file_by_file(self) -> None:
        with (CORPORA / "python-hl7" / "expected.csv").open(encoding="utf-8") as text:
            bad = [
                row["file"]
                for row in csv.DictReader(text)
                if row["expected_fact"].startswith("must be rejected")
            ]
        assert len(bad) == 6
        for name in bad:
            outcomes = [outcome for _, outcome in replay([CORPORA / "python-hl7" / "messages" / name])]
            assert {outcome.kind for outcome in outcomes} == {"quarantined"}, name


class TestFacts:
    """Single messages whose expected facts the corpus writes down (lfh/expected.csv) and ours agree with."""

    @staticmethod
    def kinds(name: str, processing_id: str = "P") -> list[str]:
        (path,) = (CORPORA / "lfh" / "messages").glob(f"{name}-*.hl7")
        return [e.schema.split(".")[0] for _, o in replay([path], processing_id) for e in o.events]

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("01", "SpellAdmitted"), ("02", "SpellRegistered"), ("03", "SpellAmended"),
            ("07", "SpellTransferred"), ("10", "SpellDischarged"),
        ],
    )  # fmt: skip
    def test_msh_9_decides_though_evn_1_says_a01(self, name: str, kind: str) -> None:
        assert self.kinds(name)[0] == kind

    @pytest.mark.parametrize("name", ["13", "14", "15", "16"])
    def test_a_person_event_with_a_visit_is_about_the_person_only(self, name: str) -> None:
        assert self.kinds(name) == ["PersonIdentified"]

    @pytest.mark.parametrize(
        ("name", "merges"), [("17", 1), ("19", 1), ("20", 3), ("21", 3), ("49", 1), ("50", 2)]
    )
    def test_merges(self, name: str, merges: int) -> None:
        assert self.kinds(name).count("PersonsLinked") == merges

    def test_a_visit_number_is_never_invented(self) -> None:
        (path,) = (CORPORA / "lfh" / "messages").glob("58-*.hl7")
        body = path.read_bytes().replace(b"VXU^V04^VXU_V04", b"ADT^A01")
        assert verdict(pipeline().process(RawMessage("c", body, NOW))) == "FIELD_MISSING at PV1-19"

    def test_two_patients_under_other_delimiters_are_read(self) -> None:
        message = read((CORPORA / "hapi" / "segmentfinder_a24.hl7").read_bytes(), "cp1252")
        assert [segment.name for segment in message.segments] == ["MSH", "EVN", "PID", "PID"]
        assert message.segments[3].value(3) == "22222"

    def test_an_italian_discharge_has_its_event_time_and_place(self) -> None:
        ((_, outcome),) = replay([CORPORA / "hapi" / "adt_a03.txt"])
        record = outcome.events[0].record
        assert outcome.events[0].schema == "SpellDischarged.v1"
        assert (record["poc"], record["visit_number"]) == ("6402DH", "2008003369")
