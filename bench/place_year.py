"""A year of a place through the real fold on one core: how fast, and how many bytes it leaves.

In: the share of the place's people (their year is whole). Out: events a CPU second, bytes a fact and a
person, at the year's end and when every horizon has passed since. A cut comes after as many events as are the
same share of the place's events as a lagging worker's flush: a person changes as often between two cuts as at
full size. `live`: a cut after every event. What keys tell each other is folded and counted in the time, not
as events. Half the people are measured too: the same rate says that the share may be scaled up.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench import profile
from bench.folds import real
from bench.ground import Wrong, load_now, say
from bench.year import DAY_US, MIX, Made, persons_of, year
from schemas.catalogue import FORWARD, topic_of
from streams.core.state.person import PersonState
from streams.engine.memory import freeze
from streams.engine.types import Flush, PartitionFold, Record
from streams.worker import LAGGING

LIVE = 20_000
"""Events of the run that cuts after each."""
PROFILED = 60_000
LATER_US = 900 * DAY_US
"""After the year's end: every horizon has passed."""


class Run:
    """A fold on one partition, its changelog as compaction leaves it, and what it cost."""

    def __init__(self) -> None:
        self.fold: PartitionFold = real()(0)
        self.log: dict[bytes, bytes] = {}
        self.written = self.forwarded = self.outputs = 0
        self.cpu_s = 0.0

    def through(self, events: Sequence[Made], at_once: int) -> None:
        """Fold everything, cutting as often as asked."""
        topics = {kind: topic_of(kind) for kind in {made.kind for made in events}}
        for begin in range(0, len(events), at_once):
            some = events[begin : begin + at_once]
            by_topic: dict[str, list[Record]] = {}
            for made in some:
                record = Record(made.key, made.value, (), 0, 0, 0)
                by_topic.setdefault(topics[made.kind], []).append(record)
            started = time.process_time()
            for topic, records in by_topic.items():
                self.fold.fold(topic, records)
            self.cpu_s += time.process_time() - started
            self.settle(some[-1].arrived)

    def settle(self, now_us: int, due: bool = False) -> None:
        """Cut until keys have nothing more to tell each other; `due`: until nobody is due any more."""
        while True:
            started = time.process_time()
            flush = self.fold.cut(now_us)
            said = [out for out in flush.outputs if out.topic == FORWARD]
            if said:
                self.fold.fold(FORWARD, [Record(out.key, out.value, (), 0, 0, 0) for out in said])
            self.cpu_s += time.process_time() - started
            self._keep(flush)
            self.forwarded += len(said)
            if not said and not (due and flush.changelog):
                return

    def _keep(self, flush: Flush) -> None:
        self.outputs += len(flush.outputs)
        for name, value in flush.changelog:
            self.written += len(name) + len(value or b"")
            if value is None:
                self.log.pop(name, None)
            else:
                self.log[name] = value

    def bytes_of(self, keys: frozenset[bytes] | None = None) -> Counter[str]:
        """Bytes in the changelog, heads and journals apart, of these keys or all."""
        sizes: Counter[str] = Counter()
        for name, value in self.log.items():
            key, _, part = name.rpartition(b"/")
            if keys is None or key in keys:
                sizes["head" if part == b"h" else "journal"] += len(value)
        return sizes


def measure(share: float) -> tuple[dict[str, Any], str]:
    """Every figure, and the profile as text."""
    loads = load_now()
    events = year(share)
    mix = _mix(events, share)
    at_once = max(1, round(LAGGING * share))
    run = _run(events, at_once)
    half = year(share / 2)
    smaller = _run(half, max(1, round(at_once / 2)))
    live = _run(events[:LIVE], 1)
    found = {
        "share_of_place_year": round(share, 5), "persons": persons_of(share), "mix": mix, "loads": loads,
        "events_per_cut": at_once, "cpu_us_per_event": _each(run, events),
        "events_per_cpu_second": round(len(events) / run.cpu_s),
        "half_as_many_persons": round(len(half) / smaller.cpu_s),
        "live_events_per_cpu_second": round(min(LIVE, len(events)) / live.cpu_s),
        "forwards_per_event": round(run.forwarded / len(events), 3),
        "changelog_bytes_written_per_event": round(run.written / len(events)),
        "kept": _kept(run, events),
    }  # fmt: skip
    say(f"  {found['events_per_cpu_second']:,} events/CPU s")
    return found, _profiled(events[:PROFILED], at_once)


def _run(events: Sequence[Made], at_once: int) -> Run:
    freeze()
    run = Run()
    run.through(events, at_once)
    return run


def _each(run: Run, events: Sequence[Made]) -> float:
    return round(run.cpu_s / len(events) * 1e6, 1)


def _kept(run: Run, events: Sequence[Made]) -> dict[str, Any]:
    """Bytes at the end of the year, and when every horizon has passed; nobody may be shown otherwise."""
    persons = frozenset(made.key for made in events if made.kind == "SpellAdmitted")
    facts = sum(len(s.journal) for key in persons for s in _state(run, key).streams.values())
    shown = _versions(run, persons)
    year_end, theirs = run.bytes_of(), run.bytes_of(persons)
    began = time.process_time()
    run.settle(events[-1].arrived + LATER_US, due=True)
    sealing_s = time.process_time() - began
    sealed = sum(len(_state(run, key).sealed) for key in persons)
    if _versions(run, persons) != shown:
        raise Wrong("somebody is shown otherwise once the horizon has passed")
    later, closed = run.bytes_of(), run.bytes_of(persons)
    return {
        "facts": facts, "keys": run.fold.size(),
        "journal_bytes_per_fact": round(theirs["journal"] / facts),
        "bytes_per_key": round(year_end.total() / run.fold.size()),
        "bytes_per_person": round(theirs.total() / len(persons)),
        "bytes_per_sealed_person": round(closed.total() / len(persons)),
        "sealed_journal_bytes_per_fact": round(closed["journal"] / facts),
        "all_bytes": year_end.total(), "all_bytes_sealed": later.total(),
        "sealed_things": sealed, "sealing_cpu_s": round(sealing_s, 2),
    }  # fmt: skip


def _versions(run: Run, persons: frozenset[bytes]) -> dict[bytes, str]:
    return {key: _state(run, key).shown.version for key in persons}


def _state(run: Run, key: bytes) -> PersonState:
    state: PersonState = run.fold.state(key)  # type: ignore[attr-defined]
    return state


def _mix(events: Sequence[Made], share: float) -> dict[str, Any]:
    kinds = Counter(made.kind for made in events)
    messages = sum(count for kind, count in kinds.items() if kind.startswith(("Spell", "DischargeP")))
    return MIX | {
        "events": len(events), "events_a_day_of_the_place": round(len(events) / share / 365),
        "a08_share_of_messages": round(kinds["SpellAmended"] / messages, 3),
        "kinds": dict(kinds.most_common()),
        "value_bytes_mean": round(sum(len(made.value) for made in events) / len(events)),
        "header_bytes_mean": round(sum(made.header_bytes for made in events) / len(events)),
    }  # fmt: skip


def _profiled(events: Sequence[Made], at_once: int) -> str:
    run, profiler = Run(), cProfile.Profile(time.process_time)
    profiler.enable()
    run.through(events, at_once)
    profiler.disable()
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(profile.TOP + 10)
    head = f"A place-year through the real fold, its first {len(events):,} events, a cut each {at_once}, "
    return profile.shortened(head + "under cProfile, by own time:\n", out.getvalue())


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    kept = found["kept"]
    part = f"1/{1 / found['share_of_place_year']:.0f} of a place-year"
    speed = (
        f"{found['mix']['events']:,} events of {found['persons']:,} persons ({part}): "
        f"{found['events_per_cpu_second']:,} events/CPU s, half as many persons "
        f"{found['half_as_many_persons']:,}, cut after each {found['live_events_per_cpu_second']:,}"
    )
    size = (
        f"journal {kept['journal_bytes_per_fact']} bytes a fact; a person "
        f"{kept['bytes_per_person']:,} bytes, sealed {kept['bytes_per_sealed_person']:,}"
    )
    return [speed, size]
