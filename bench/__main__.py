"""`make bench`: every part, one after another on brokers of their own, side by side in one run.

`python -m bench [--only PART …] [--small] [--broker kafka|embedded] [--out FOLDER]`. Progress while it runs,
a table at the end, JSON in `bench/results/bench.json` (a part of it asked for alone: `<parts>.json`). Exit
code 0, or 1 when a run's result was not right (it says which; its figures do not count), 2 usage, 3 no
broker. Ratios of one run are compared, never rates of different machines (design.md §11).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import (
    latency,
    machine,
    open_pages,
    place_year,
    profile,
    rebuild,
    recovery,
    throughput,
    wire,
    workers,
)
from bench.ground import ROOT, Wrong, fresh, say
from runtime.errors import Misconfigured, Transient

Found = dict[str, Any]
RATIOS = ("engine_over_stock", "engine_over_bare_client", "two_workers_over_one")


class Sizes(argparse.Namespace):
    """How much of everything."""

    persons: int
    rounds: int
    recover: int
    seconds: float
    backlog: int
    pages: int
    warm: int
    share: float
    broker: str
    out: Path


def _profile(asked: Sizes) -> Found:
    found, text = profile.measure(max(20, asked.persons // 10))
    (asked.out / "profile.txt").write_text(text)
    return found


def _place_year(asked: Sizes) -> Found:
    found, text = place_year.measure(asked.share)
    (asked.out / "place-year.txt").write_text(text)
    return found


def _throughput(asked: Sizes) -> Found:
    with fresh(asked.broker) as ground:
        return throughput.measure(ground, asked.persons, asked.rounds, asked.warm)


def _recovery(asked: Sizes) -> Found:
    with fresh(asked.broker) as ground:
        return recovery.measure(ground, asked.recover, asked.rounds)


def _latency(asked: Sizes) -> Found:
    with fresh(asked.broker) as ground:
        return latency.measure(ground, asked.seconds)


def _wire(asked: Sizes) -> Found:
    found = {}
    with fresh(asked.broker) as ground:
        found["idle"] = wire.idle(ground, 200, asked.seconds, min(asked.seconds, 5.0))
    with fresh(asked.broker) as ground:
        found["backlog"] = wire.backlog(ground, asked.backlog, 25, min(asked.seconds, 2.0))
    return found


def _pages(asked: Sizes) -> Found:
    found = {}
    with fresh(asked.broker) as ground:
        found["idle"] = open_pages.idle(ground, 200, asked.seconds, min(asked.seconds, 5.0))
    with fresh(asked.broker) as ground:
        found["backlog"] = open_pages.backlog(ground, asked.backlog, 25, min(asked.seconds, 2.0))
    with fresh(asked.broker) as ground:
        found["many"] = open_pages.many(ground, asked.pages, 5)
    return found


def _rebuild(asked: Sizes) -> Found:
    with fresh(asked.broker) as ground:
        return rebuild.measure(ground, asked.recover)


def _workers(asked: Sizes) -> Found:
    return workers.measure(asked.broker, asked.persons)


Table = Callable[[Found], list[str]]
PARTS: dict[str, tuple[Callable[[Sizes], Found], Table]] = {
    "profile": (_profile, profile.table),
    "place-year": (_place_year, place_year.table),
    "throughput": (_throughput, throughput.table),
    "recovery": (_recovery, recovery.table),
    "latency": (_latency, latency.table),
    "wire": (_wire, wire.table),
    "pages": (_pages, open_pages.table),
    "rebuild": (_rebuild, rebuild.table),
    "workers": (_workers, workers.table),
}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; the exit code."""
    asked, parts = _asked(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    about, found, wrong = machine.describe(), dict[str, Found](), dict[str, str]()
    for part in parts:
        say(f"{part}:")
        try:
            found[part] = PARTS[part][0](asked)
        except Wrong as exc:
            wrong[part] = str(exc)
            say(f"  WRONG: {exc}")
        except (Transient, Misconfigured) as exc:
            say(f"no broker: {exc}")
            return 3
    name = "bench" if len(parts) == len(PARTS) else "-".join(parts)
    said = result(about, found, wrong) | {"broker": asked.broker}
    (asked.out / f"{name}.json").write_text(json.dumps(said, indent=1) + "\n")
    for part, figures in found.items():
        say("\n".join([f"\n{part}", *PARTS[part][1](figures)]))
    for part, why in wrong.items():
        say(f"\n{part}: its result was not right, no figures: {why}")
    return 1 if wrong else 0


def result(about: Found, found: dict[str, Found], wrong: dict[str, str]) -> Found:
    """The JSON: what the machine is, the ratios (null: not measured in this run), every part."""
    measured: dict[str, Any] = dict.fromkeys(RATIOS)
    for part in found.values():
        measured |= part.get("ratios", {})
    return {"machine": about, "ratios": measured, "wrong": wrong} | found


def _asked(arguments: list[str] | None) -> tuple[Sizes, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), action="append", help="a part; may be given again")
    parser.add_argument("--profile", action="store_true", help="the same as --only profile")
    parser.add_argument("--broker", choices=["kafka", "embedded"], default="kafka")
    parser.add_argument("--small", action="store_true", help="tiny sizes: it works, measures nothing")
    parser.add_argument("--persons", type=int, help="with 25 events each (10,000)")
    parser.add_argument("--recover", type=int, help="persons to recover and to rebuild a board of (200,000)")
    parser.add_argument("--rounds", type=int, help="of throughput and recovery (2)")
    parser.add_argument("--seconds", type=float, help="of each latency (20)")
    parser.add_argument("--backlog", type=int, help="events before the live ones (50,000)")
    parser.add_argument("--pages", type=int, help="open at a time (200)")
    parser.add_argument("--share", type=float, help="of a place-year's people (1/12)")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    asked = parser.parse_args(arguments, Sizes())
    small = {"persons": 80, "recover": 400, "rounds": 1, "seconds": 1.0, "backlog": 500, "warm": 100}
    small |= {"share": 1 / 1500, "pages": 5}
    usual = {"persons": 10_000, "recover": 200_000, "rounds": 2, "seconds": 20.0, "backlog": 50_000}
    usual |= {"warm": 5_000, "share": 1 / 12, "pages": 200}
    for name, size in (small if asked.small else usual).items():
        if getattr(asked, name, None) is None:
            setattr(asked, name, size)
    only = [*(asked.only or ()), *(["profile"] if asked.profile else ())]
    return asked, [part for part in PARTS if part in only or not only]


if __name__ == "__main__":
    sys.exit(main())
