"""The engine bench: ours, ENGINE=stock and a bare client fold the same backlog on real Kafka, interleaved
in one run.

`python -m bench.engine [--persons N] [--rounds N] [--fold facts|person]`. Prints a table of ratios, writes
`bench/results/engine.json`. Needs Java 17 and Maven, or KAFKA_BOOTSTRAP.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from bench import latency, load, machine
from runtime.brokers.kafka import KafkaBroker
from runtime.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "bench" / "results" / "engine.json"
SYSTEMS = ("batch", "stock", "bare")
PARTITIONS = 4
WARM = {"batch": 5_000, "stock": 500, "bare": 5_000}
SECONDS = {"batch": 60, "stock": 15, "bare": 60}
RUN_SECONDS_MAX = 180


def run_one(system: str, fold: str, common: dict[str, Any]) -> dict[str, Any]:
    """One system in a process of its own, from the start of the topic, as a group of its own."""
    given = common | {
        "system": system, "fold": fold, "warm": WARM[system], "seconds": SECONDS[system],
        "app_id": f"bench-{uuid.uuid4().hex[:8]}", "folder": tempfile.mkdtemp(prefix="homeward-bench-"),
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.engine_run", json.dumps(given)]
    said = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False
    )
    if not said.stdout.strip():
        raise SystemExit(f"{system} gave no result:\n{said.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    result["per_second"] = result["events"] / result["wall_s"]
    result["per_cpu_second"] = result["events"] / max(result["cpu_s"], 1e-9)
    return result


def compare(rounds: int, folds: list[str], common: dict[str, Any]) -> list[dict[str, Any]]:
    """All systems and folds, interleaved; the median of the rounds and the ratio to ours."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for fold in folds:
            for system in SYSTEMS:
                runs.setdefault((fold, system), []).append(run_one(system, fold, common))
    rows = []
    for (fold, system), found in runs.items():
        ours = statistics.median(run["per_second"] for run in runs[fold, "batch"])
        median = statistics.median(run["per_second"] for run in found)
        row = {
            "fold": fold,
            "system": system,
            "events_per_second": round(median),
            "events_per_cpu_second": round(statistics.median(run["per_cpu_second"] for run in found)),
            "ratio_to_batch": round(median / ours, 3),
            "peak_kb": max(run["peak_kb"] for run in found),
            "measured_events": [run["events"] for run in found],
            "runs": [round(run["per_second"]) for run in found],
        }
        rows.append(row)
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """The table."""
    print(f"{'fold':8} {'system':8} {'events/s':>10} {'per cpu s':>10} {'ratio':>7} {'peak MB':>8}")
    for row in rows:
        rates = f"{row['events_per_second']:>10,} {row['events_per_cpu_second']:>10,}"
        rest = f"{row['ratio_to_batch']:>7.3f} {row['peak_kb'] // 1024:>8}"
        print(f"{row['fold']:8} {row['system']:8} {rates} {rest}")


def main() -> None:
    """Start Kafka, fill a topic, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency-seconds", type=float, default=20)
    parser.add_argument("--fold", choices=["facts", "person"], action="append")
    asked = parser.parse_args()
    about = machine.describe()
    given = os.environ.get("KAFKA_BOOTSTRAP", "")
    broker = None if given else KafkaBroker(ROOT / load_settings().cache)
    try:
        if broker is not None:
            broker.start()
        bootstrap = given or (broker.bootstrap if broker else "")
        topic = f"bench.events.{uuid.uuid4().hex[:8]}"
        about_load = load.fill(bootstrap, topic, PARTITIONS, asked.persons)
        common = {
            "bootstrap": bootstrap,
            "topic": topic,
            "partitions": PARTITIONS,
            "events": about_load["events"],
        }
        rows = compare(asked.rounds, asked.fold or ["facts", "person"], common)
        delay = latency.measure(bootstrap, PARTITIONS, asked.latency_seconds)
    finally:
        if broker is not None:
            broker.close()
    show(rows)
    print("latency at 200 events/s, send to read_committed reader:")
    for way in ("direct", "engine"):
        print(f"{way:8} {delay[way]}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(
        json.dumps(
            {"machine": about, "load": about_load, "rounds": asked.rounds, "rows": rows, "latency": delay},
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
