"""When a replay says a message was received: what the `--received` file notes, and for files of one content
made at different times what each of them is due.
"""

from __future__ import annotations

import itertools
import json
from hashlib import sha256
from pathlib import Path

import pytest

from cli.replay.intake import Intake, read_received
from cli.replay.sources import Sourced
from connectors.message import RawMessage
from runtime.clock import micros
from runtime.place import load_place
from runtime.pseudonym import KeyRing

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "late_hub_file"
BODY = next(path for path in sorted(FOLDER.iterdir()) if path.suffix == ".csv").read_bytes()
DIGEST = sha256(BODY).hexdigest()
MORNING, NOON = "hublist-20270112T090000.csv", "hublist-20270112T120000.csv"
MADE = {MORNING: micros("2027-01-12T09:00:00+00:00"), NOON: micros("2027-01-12T12:00:00+00:00")}
MINUTE = 60_000_000


def times(tmp_path: Path, *rows: dict[str, object]) -> set[tuple[int, ...]]:
    """When the two files were received, by name, whichever comes first."""
    path = tmp_path / "received.jsonl"
    path.write_text("\n".join(json.dumps({"sha256": DIGEST} | row) for row in rows))
    intake = Intake(load_place("bromley"), KeyRing.offline(), read_received(path))
    found = set()
    for order in itertools.permutations((MORNING, NOON)):
        raws = [Sourced(RawMessage("hub-list", BODY, 0, name=name), name, 0) for name in order]
        seen = {s.sourced.file: s.sourced.raw.received_at for s in intake.looked(raws)}
        found.add(tuple(seen[name] - MADE[name] for name in (MORNING, NOON)))
    return found


def test_a_file_made_later_does_not_share_the_time_of_an_equal_one(tmp_path: Path) -> None:
    assert times(tmp_path, {"received_at": MADE[MORNING] + MINUTE}) == {(MINUTE, 0)}


def test_names_tell_equal_files_apart(tmp_path: Path) -> None:
    rows = [{"name": name, "received_at": made + MINUTE * 2} for name, made in MADE.items()]
    assert times(tmp_path, *rows) == {(2 * MINUTE, 2 * MINUTE)}


def test_a_name_says_when_and_the_rest_is_the_first_ones(tmp_path: Path) -> None:
    noon = {"name": NOON, "received_at": MADE[NOON] + MINUTE}
    assert times(tmp_path, noon, {"received_at": MADE[MORNING] + 5 * MINUTE}) == {(5 * MINUTE, MINUTE)}


def test_nothing_noted_is_when_it_was_made(tmp_path: Path) -> None:
    assert times(tmp_path, {"sha256": "0" * 64, "received_at": 1}) == {(0, 0)}


@pytest.mark.parametrize("text", ["2027-01-12T09:01:00Z", MADE[MORNING] + MINUTE])
def test_of_several_times_the_first_counts(tmp_path: Path, text: object) -> None:
    path = tmp_path / "received.jsonl"
    later = {"sha256": DIGEST, "received_at": MADE[NOON]}
    path.write_text("\n".join(json.dumps(row) for row in (later, {"sha256": DIGEST, "received_at": text})))
    assert read_received(path) == {DIGEST: MADE[MORNING] + MINUTE}
