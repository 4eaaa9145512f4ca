"""`make demo` as a stranger runs it: it ends by itself with 0 when everything came true, and with 1 when the
truth was otherwise.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.board.chromium import missing
from tests.demo.playing import MOST_SECONDS, Play, complete, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo"), pytest.mark.timeout(2 * MOST_SECONDS)]


@pytest.mark.skipif(not missing(), reason="test_journeys.py plays the same in Chromium")
def test_demo_ends_by_itself_with_every_fact_true(tmp_path: Path) -> None:
    """The clean run: exit 0, the summary complete, nothing left running."""
    with Play(tmp_path / "demo", 60) as play:
        code, said = play.finish()
    assert code == 0, said[-6000:]
    summary = json.loads((tmp_path / "demo" / "summary.json").read_text())
    complete(summary)
    assert not running(tmp_path / "demo")


def test_demo_fails_when_one_row_of_the_ledger_says_otherwise(tmp_path: Path) -> None:
    """A judge that cannot fail is no judge: one bed of the truth is moved while the demo plays."""
    folder = tmp_path / "demo"
    with Play(folder, 60) as play:
        visit = _move_one_bed(folder / "ledger.json")
        code, said = play.finish()
    assert code == 1, said[-4000:]
    assert f"MISSING census equals view for every bed: expected 522 beds, saw 1 differ: ['{visit}']" in said
    summary = json.loads((folder / "summary.json").read_text())
    wrong = [check["name"] for check in summary["checks"] if not check["ok"]]
    assert wrong == ["census equals view for every bed"], "and everything else came true"


def _move_one_bed(ledger: Path) -> str:
    deadline = time.monotonic() + 120
    while not ledger.exists() or not _whole(ledger):
        assert time.monotonic() < deadline, "no ledger was written"
        time.sleep(0.2)
    truth = json.loads(ledger.read_text())
    visit = sorted(truth["beds"])[7]
    truth["beds"][visit] = "M99^B9^99"
    ledger.write_text(json.dumps(truth))
    return str(visit)


def _whole(ledger: Path) -> bool:
    try:
        json.loads(ledger.read_text())
    except json.JSONDecodeError:
        return False
    return True
