"""Throughput: our engine, ENGINE=stock and two bare clients fold the same backlog with the real fold,
interleaved in one run.

Stock is slow: it is stopped after a time and its events are fewer, which its row says.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from bench import load, verdict
from bench.ground import Ground, Wrong, load_now, say
from bench.running import Running, Sample, rate

SYSTEMS = ("batch", "stock", "bare", "keep")
SECONDS = {"batch": 120.0, "stock": 20.0, "bare": 120.0, "keep": 120.0}
"""At most so long each; what was done by then counts."""


def run_one(ground: Ground, system: str, topic: str, about: dict[str, Any], warm: int) -> dict[str, Any]:
    """One system in a process of its own, from the start of the topic; then judged."""
    events, loads, since_ms = about["events"], load_now(), int(time.time() * 1000)
    slow = system == "stock"

    def warmed(sample: Sample) -> bool:
        return bool(sample["covered"] >= (warm // 10 if slow else warm))

    with Running(ground, system=system, topic=topic, events=events) as run:
        begun = run.until(warmed, 120, "warm")
        while run.last["covered"] < events and run.last["t"] - begun["t"] < SECONDS[system]:
            if time.monotonic() - begun["t"] > SECONDS[system] + 5:
                break
            time.sleep(0.1)
    result: dict[str, Any] = rate(run.samples, begun["covered"], events)
    result |= {"system": system, "complete": run.last["covered"] >= events, "loads": loads}
    result |= {"peak_kb": max(sample["peak_kb"] for sample in run.samples)}
    if system in ("batch", "stock"):
        result["held"] = verdict.judge(ground, run.given, since_ms, run.last["covered"], about)
    elif result["complete"] and run.last["keys"] != about["persons"]:
        raise Wrong(f"{system}: {run.last['keys']} persons of {about['persons']}")
    return result


def measure(ground: Ground, persons: int, rounds: int, warm: int) -> dict[str, Any]:
    """All systems, interleaved; the median of the rounds and the ratio to ours."""
    topic = ground.source()
    about = load.fill(ground.bootstrap, topic, ground.partitions, persons)
    runs: dict[str, list[dict[str, Any]]] = {system: [] for system in SYSTEMS}
    for number in range(rounds):
        for system in SYSTEMS:
            found = run_one(ground, system, topic, about, warm)
            runs[system].append(found)
            say(f"  round {number + 1} {system:6} {found['per_second']:>10,.0f}/s of {found['events']:,}")
    ours = statistics.median(run["per_second"] for run in runs["batch"])
    rows = [
        {
            "system": system,
            "events_per_second": round(statistics.median(run["per_second"] for run in found)),
            "events_per_cpu_second": round(statistics.median(run["per_cpu_second"] for run in found)),
            "ratio_to_batch": round(statistics.median(run["per_second"] for run in found) / ours, 3),
            "runs": found,
        }
        for system, found in runs.items()
    ]
    return {"load": about, "rows": rows, "ratios": ratios(rows)}


def ratios(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Ours over the others, of medians in one run."""
    rates = {row["system"]: row["events_per_second"] for row in rows}
    return {
        "engine_over_stock": round(rates["batch"] / rates["stock"], 2),
        "engine_over_bare_client": round(rates["batch"] / rates["bare"], 3),
        "engine_over_keeping_client": round(rates["batch"] / rates["keep"], 3),
    }


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    lines = [f"{'system':8} {'events/s':>10} {'per cpu s':>10} {'ratio':>7} {'events':>10} {'peak MB':>8}"]
    for row in found["rows"]:
        run = row["runs"][-1]
        rates = f"{row['events_per_second']:>10,} {row['events_per_cpu_second']:>10,}"
        rest = f"{row['ratio_to_batch']:>7.3f} {run['events']:>10,} {run['peak_kb'] // 1024:>8}"
        bounded = "" if run["complete"] else f"  (of {found['load']['events']:,}: stopped after its time)"
        lines.append(f"{row['system']:8} {rates} {rest}{bounded}")
    return [*lines, *(f"{name} {ratio}" for name, ratio in found["ratios"].items())]
