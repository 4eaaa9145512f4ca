"""`make demo` as a stranger runs it: it ends by itself with 0 when everything came true, and with 1 when the
truth was otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

MOST_SECONDS = 900
KEYS = {
    "hl7_messages_acked", "events_by_sector", "persons_joined_across_sectors", "refusals_by_reason",
    "no_change_by_cause", "duplicates_absorbed", "false_joins", "missed_joins", "events_lost",
    "wire_to_view_ms",
    "ledger_score",
}  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo"), pytest.mark.timeout(2 * MOST_SECONDS)]


def start(folder: Path, seconds: int) -> subprocess.Popen[str]:
    """The demo as a process of its own, without this machine's settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HOMEWARD_", "KAFKA_", "ENGINE"))}
    command = [sys.executable, "-m", "cli.main", "demo", "--folder", str(folder)]
    return subprocess.Popen(
        command, env={**environment, "DEMO_SECONDS": str(seconds)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def finish(demo: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code and what it said."""
    try:
        said, _ = demo.communicate(timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        demo.terminate()
        said, _ = demo.communicate(timeout=30)
        pytest.fail(f"the demo did not end:\n{said[-4000:]}")
    return demo.returncode, said


def test_demo_ends_by_itself_with_every_fact_true(tmp_path: Path) -> None:
    """The clean run: exit 0, the summary complete, nothing left running."""
    code, said = finish(start(tmp_path / "demo", 60))
    assert code == 0, said[-6000:]
    summary = json.loads((tmp_path / "demo" / "summary.json").read_text())
    assert not KEYS - summary.keys()
    assert summary["hl7_messages_acked"] > 2000
    assert summary["persons_joined_across_sectors"] >= 150
    assert (summary["events_lost"], summary["false_joins"], summary["ledger_score"]) == (0, 0, 1.0)
    assert not _running(tmp_path / "demo")


def test_demo_fails_when_one_row_of_the_ledger_says_otherwise(tmp_path: Path) -> None:
    """A judge that cannot fail is no judge: one bed of the truth is moved while the demo plays."""
    folder = tmp_path / "demo"
    demo = start(folder, 60)
    visit = _move_one_bed(folder / "ledger.json")
    code, said = finish(demo)
    assert code == 1, said[-4000:]
    assert f"MISSING census equals view for every bed: expected 522 beds, saw 1 differ: ['{visit}']" in said
    summary = json.loads((folder / "summary.json").read_text())
    wrong = [check["name"] for check in summary["checks"] if not check["ok"]]
    assert "census equals view for every bed" in wrong


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


def _running(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line and "pytest" not in line]
