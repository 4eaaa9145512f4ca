"""Where the real fold's time goes: the load through `fold` and `cut` in this process, without a broker; first
by the clock, then under cProfile, top 25 by own time.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from pathlib import Path
from typing import Any

from bench import load
from bench.folds import real
from bench.ground import load_now
from streams.engine.types import PartitionFold, Record
from streams.worker import LAGGING

TOP = 25
ROOT = Path(__file__).resolve().parent.parent


def _work(fold: PartitionFold, records: list[Record]) -> tuple[float, float]:
    """Seconds in `fold` and in `cut`, cut as often as a lagging worker does."""
    folding = cutting = 0.0
    for begin in range(0, len(records), LAGGING):
        started = time.perf_counter()
        fold.fold("", records[begin : begin + LAGGING])
        folded = time.perf_counter()
        fold.cut(0)
        folding, cutting = folding + folded - started, cutting + time.perf_counter() - folded
    return folding, cutting


def measure(persons: int) -> tuple[dict[str, Any], str]:
    """Microseconds an event, and the profile as text."""
    loads = load_now()
    records = [Record(p.key, p.value, (), 0, at, 0) for at, p in enumerate(load.published(persons))]
    folding, cutting = _work(real()(0), records)
    profiler = cProfile.Profile()
    fold = real()(0)
    profiler.enable()
    _work(fold, records)
    profiler.disable()
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(TOP)
    each = 1e6 / len(records)
    found = {
        "events": len(records), "persons": persons, "fold_us": round(folding * each, 1),
        "cut_us": round(cutting * each, 1), "events_per_second": round(1e6 / ((folding + cutting) * each)),
        "loads": loads,
    }  # fmt: skip
    return found, _outside_of_machines(out.getvalue(), found)


def _outside_of_machines(text: str, found: dict[str, Any]) -> str:
    head = (
        f"The real fold, {found['events']:,} events of {found['persons']:,} persons, a cut each {LAGGING:,}; "
        f"one process, no broker.\nBy the clock: fold {found['fold_us']} µs, cut {found['cut_us']} µs an "
        f"event ({found['events_per_second']:,}/s). Under cProfile, by own time:\n"
    )
    return shortened(head, text)


def shortened(head: str, text: str) -> str:
    """A profile under its heading, with paths from the repository, not of this machine."""
    lines = [line.rstrip() for line in text.replace(f"{ROOT}/", "").splitlines()]
    return head + "\n".join(_shortened(line) for line in lines if line) + "\n"


def _shortened(line: str) -> str:
    before, mark, after = line.partition("/site-packages/")
    if not mark:
        before, mark, after = line.partition("/lib/python3")
    return f"{before.rpartition(' ')[0]} {after}" if mark else line


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    each = f"fold {found['fold_us']} µs + cut {found['cut_us']} µs an event"
    return [
        f"{each} = {found['events_per_second']:,}/s without a broker",
        f"top {TOP} by own time: bench/results/profile.txt",
    ]
