"""`homeward returns`: partner files in, a draft out."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from cli.main import Exit, run
from cli.replay.returns import Wanted, cells_of
from simulator.trust_days import build
from streams.returns.layout import HEADER
from tests.returns.trust_town import noon, place, taken

DAY = date(2027, 1, 12)
SITREP = (
    "Site,Ward,As at,Open,Escalation,Occupied,Closed,Closed IPC,Closed IPC empty,Metric,By,Value\n"
    "RJZ30,OAK,12/01/2027 08:00,28,2,30,3,2,1,,,\n"
    "RJZ30,ELM,12/01/2027 08:00,24,,22,,,,,,\n"
    "RJZ30,,11/01/2027 23:30,,,,,,,ed_12h_from_decision,,7\n"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small town, as its partners would send them."""
    folder = tmp_path_factory.mktemp("returns")
    for number, send in enumerate(build(3, DAY, people=20).sends):
        (folder / send.partner).mkdir(exist_ok=True)
        (folder / send.partner / (send.name or f"{number:04d}.hl7")).write_bytes(send.body)
    (folder / "pruh-sitrep").mkdir()
    (folder / "pruh-sitrep" / "sitrep-20270112T0810.csv").write_text(SITREP)
    return folder


def said(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> list[str]:
    """The lines of the command over all the files."""
    sources = [f"{path.name}={path}" for path in sorted(folder.iterdir()) if path.is_dir()]
    assert run(["returns", *sources, "--day", DAY.isoformat(), *more]) == Exit.DONE
    return capsys.readouterr().out.splitlines()


def test_json_has_every_cell_with_what_is_behind_it(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, *rows = map(json.loads, said(capsys, files))
    assert (head["draft"], head["trust"], head["day"]) == (True, "RJZ", "2027-01-12")
    assert {one["verified"] for one in head["exclusions"]} == {False}
    found = {(row["residents"], row["cell"]): row for row in rows}
    assert len(found) == len(rows)
    gone = found["all", "discharged"]
    assert gone["value"] == len(gone["spells"]) > 0


def test_a_figure_leads_to_its_events(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "nctr.discharged.by_1700"
    rows = [json.loads(line) for line in said(capsys, files)[1:]]
    cell = next(row for row in rows if (row["residents"], row["cell"]) == ("all", name))
    shown = [json.loads(line) for line in said(capsys, files, "--show", name)]
    assert sorted(row["event"] for row in shown) == cell["events"]
    assert {row["thing"] for row in shown} == set(cell["spells"])
    assert {"SpellDischarged", "CriteriaToResideAssessed"} <= {row["kind"] for row in shown}


def test_a_figure_there_is_not_is_not_found(files: Path) -> None:
    sources = [f"pruh-adt={files / 'pruh-adt'}", "--day", DAY.isoformat()]
    assert run(["returns", *sources, "--show", "nctr.tomorrow"]) == Exit.NOT_SO


def test_csv_is_the_published_layout(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, *rows = csv.reader(said(capsys, files, "--format", "csv"))
    assert tuple(head) == HEADER
    by_metric = {(row[6], row[8]): row for row in rows}
    words = "Number of patients who no longer meet the criteria to reside"
    ready = by_metric[words, "NCTR"]
    assert ready[:2] == ["12/01/2027", "PROVIDER"]
    assert ready[4] == "RJZ"
    assert float(ready[9]) > 0
    assert any(row[8] == "Delay reason LOS 7+" and row[6].startswith("Interface process – ") for row in rows)


def test_uec_says_what_has_no_source(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["cell"]: row for row in map(json.loads, said(capsys, files, "--kind", "uec")[1:])}
    assert (rows["beds_open.RJZ30"]["value"], rows["beds_open.RJZ30"]["complete"]) == (52, False)
    assert rows["beds_open.RJZ30"]["missing"] == ["RJZ30/ASH"]
    assert len(rows["beds_open.RJZ30"]["events"]) == 2
    assert rows["ed_12h_from_decision.RJZ30"]["value"] == 7
    assert rows["ambulance_hours_lost.RJZ30"]["missing"] == ["nobody said"]
    assert (rows["picu_beds"]["value"], rows["picu_beds"]["missing"]) == (None, ["no source"])
    assert rows["los7"]["value"] > 0


def test_what_was_known_before_stands_beside_it(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = map(json.loads, said(capsys, files, "--was-as-of", "2027-01-13T08:00:00Z")[1:])
    gone = {(row["residents"], row["cell"]): row for row in rows}["all", "discharged"]
    assert gone["difference"] == gone["value"] - gone["was"] == 1
    assert len(gone["spells_added"]) == 1


def test_the_order_of_what_came_does_not_matter() -> None:
    days = build(3, DAY, people=20)
    wanted = Wanted("discharge", "RJZ", DAY)
    there = cells_of(taken(days, noon(DAY).replace(day=20)), place(), wanted)
    days.sends.reverse()
    assert cells_of(taken(days, noon(DAY).replace(day=20)), place(), wanted) == there


@pytest.mark.parametrize(
    "wrong",
    [
        ["--day", "12/01/2027"],
        ["--day", "2027-01-12", "--trust", "XYZ"],
        ["--day", "2027-01-12", "--kind", "uec", "--format", "csv"],
        ["--day", "2027-01-12", "--as-at", "noon"],
        [],
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(files: Path, wrong: list[str]) -> None:
    assert run(["returns", f"pruh-adt={files / 'pruh-adt'}", *wrong]) == Exit.USAGE
