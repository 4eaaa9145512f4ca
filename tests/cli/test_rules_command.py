"""`homeward rules`: what a rule says, why an alert was raised, what others thresholds would have raised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import run

FOLDER = Path(__file__).parents[1] / "scenarios" / "package_holder_in_hospital"
SOURCES = [f"{path.name.split('_')[1]}={path}" for path in sorted(FOLDER.glob("[0-9]*"))]
HELD = "package_holder_admitted"


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict[str, Any]]:
    assert run(["rules", *words, "--format", "json"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def of(rows: list[dict[str, Any]], kind: str, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in rows if row["row"] == kind and all(row[n] == v for n, v in wanted.items())]


def test_a_rule_says_for_whom_it_is_from_when_which_threshold_holds_and_whom_to_ring(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = said(capsys, "explain", "referred_not_acknowledged")
    (rule,) = of(rows, "rule")
    assert (rule["for"], rule["severity"]) == ("hub", "normal")
    assert "Clear:" in rule["says"]
    (threshold,) = of(rows, "threshold")
    assert (threshold["since"], threshold["value"]) == ("2026-01-01T00:00:00Z", 30)
    (desk,) = of(rows, "desk")
    assert desk["ring"][0].startswith("transfer of care duty lead")


def test_what_another_threshold_would_have_raised(capsys: pytest.CaptureFixture[str]) -> None:
    """Two holders of packages are in hospital two hours; a day would have been a day later, a year never."""
    rows = said(capsys, "rehearse", *SOURCES, "--set", f"{HELD}.hours=24")
    assert of(rows, "rule", rule=HELD) == [{"row": "rule", "rule": HELD, "now": 2, "with": 2}]
    assert [row["raised_at"] for row in of(rows, "alert", rule=HELD)] == [
        "2027-01-07T17:00:00Z", "2027-01-11T09:00:00Z",
    ]  # fmt: skip
    assert {row["change"] for row in of(rows, "alert", rule=HELD)} == {"changed"}
    assert {row["change"] for row in of(rows, "alert", rule="start_overtaken")} == {"same"}
    (desk,) = of(rows, "desk", desk="council")
    assert (desk["busiest_shift_now"], desk["busiest_shift_with"]) == (2, 1)
    rows = said(capsys, "rehearse", *SOURCES, "--set", f"{HELD}.hours=9000")
    assert [row["change"] for row in of(rows, "alert", rule=HELD)] == ["gone", "gone"]


def test_only_what_was_raised_in_the_stretch_counts(capsys: pytest.CaptureFixture[str]) -> None:
    stretch = ["--from", "2027-01-06T19:00:00Z", "--to", "2027-01-10T11:00:00Z"]
    rows = said(capsys, "rehearse", *SOURCES, *stretch)
    assert [row["raised_at"] for row in of(rows, "alert")] == ["2027-01-06T19:00:00Z"]


def test_an_alert_tells_its_steps_and_what_made_it_so(capsys: pytest.CaptureFixture[str]) -> None:
    (alert, *_) = of(said(capsys, "rehearse", *SOURCES), "alert", rule="start_overtaken")
    rows = said(capsys, "explain", alert["alert_id"], *SOURCES)
    assert [row["step"] for row in of(rows, "step")] == ["raised"]
    assert [(row["kind"], row["partner"]) for row in of(rows, "fact")] == [("SpellAdmitted", "pruh-adt")]
    assert of(rows, "rule")[0]["rule"] == "start_overtaken"


def test_text_is_one_table_for_each_kind_of_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "rehearse", *SOURCES]) == 0
    text = capsys.readouterr().out
    assert all(f"{kind}: " in text for kind in ("alert", "rule", "desk"))


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "explain", "nowhere", *SOURCES, code=1) == []
    assert said(capsys, "rehearse", *SOURCES, "--set", "delay.hours=24", code=2) == []
    assert said(capsys, "rehearse", *SOURCES, "--set", f"{HELD}.hours=soon", code=2) == []
