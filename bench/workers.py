"""Two workers against one: the same events on a fresh broker each, rates over the time in which all workers
fold their share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from bench import load, verdict
from bench.ground import Wrong, app_id, fresh, load_now, say
from bench.running import Running, Sample

SETTLE_S = 1.0
"""After the last join: the fetch buffers are filled again."""
QUIET_S = 3.0
LONGEST_S = 300.0


def run(broker: str, count: int, persons: int) -> dict[str, Any]:
    """So many workers of one group on a broker of their own."""
    with fresh(broker) as ground:
        topic, app, loads, since_ms = ground.source(), app_id(), load_now(), int(time.time() * 1000)
        about = load.fill(ground.bootstrap, topic, ground.partitions, persons)
        with ExitStack() as stack:
            workers = [
                stack.enter_context(Running(ground, topic=topic, app_id=app, events=about["events"]))
                for _ in range(count)
            ]
            joined = [worker.until(_sharing(ground.partitions // count), 90, "sharing") for worker in workers]
            _drain(workers, about["events"])
        given = workers[0].given
        held = verdict.judge(ground, given, since_ms, about["events"], about)
        begun = max(sample["t"] for sample in joined) + SETTLE_S
        return window(workers, begun) | {"workers": count, "loads": loads, "held": held, "load": about}


def _sharing(share: int) -> Callable[[Sample], bool]:
    return lambda sample: len(sample.get("ready", ())) == share


def _drain(workers: list[Running], events: int) -> None:
    """Wait until everything is folded and nobody has anything more to say."""
    deadline = time.monotonic() + LONGEST_S
    while sum(worker.last["folded"] for worker in workers) < events or not _quiet(workers):
        if time.monotonic() > deadline:
            raise Wrong(f"not drained in {LONGEST_S:.0f} s")
        time.sleep(0.1)


def _quiet(workers: list[Running]) -> bool:
    """Whether each has said for a while that it has nothing more; one that says nothing is in a long cut."""
    return all(worker.last["t"] - _last_move(worker.samples)["t"] > QUIET_S for worker in workers)


def _last_move(samples: list[Sample]) -> Sample:
    """The sample at which the most was done for the first time."""
    return max(samples, key=lambda sample: (sample["covered"], sample["folded"], -sample["t"]))


def window(workers: list[Running], begun: float) -> dict[str, Any]:
    """Events per second of all, while all were at work: from `begun` until the first ran out."""
    end = min(_last_move(worker.samples)["t"] for worker in workers)
    inside = [[s for s in worker.samples if begun <= s["t"] <= end] for worker in workers]
    if any(len(samples) < 2 for samples in inside):
        raise Wrong("the workers did not work at the same time for long enough: give more --persons")
    per_second = [(s[-1]["covered"] - s[0]["covered"]) / (s[-1]["t"] - s[0]["t"]) for s in inside]
    cpu = [(s[-1]["cpu"] - s[0]["cpu"]) / (s[-1]["t"] - s[0]["t"]) for s in inside]
    return {
        "events_per_second": round(sum(per_second)), "each": [round(rate) for rate in per_second],
        "cpu_share": [round(share, 2) for share in cpu], "window_s": round(end - begun, 1),
    }  # fmt: skip


def measure(broker: str, persons: int) -> dict[str, Any]:
    """One, then two."""
    runs = []
    for count in (1, 2):
        runs.append(run(broker, count, persons))
        said = runs[-1]
        say(f"  {count} worker(s) {said['events_per_second']:>10,}/s over {said['window_s']} s")
    ratio = round(runs[1]["events_per_second"] / runs[0]["events_per_second"], 3)
    return {"load": runs[0].pop("load"), "runs": runs, "ratios": {"two_workers_over_one": ratio}}


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    lines = [f"{'workers':>8} {'events/s':>10} {'window s':>9}  cpu of each"]
    for one in found["runs"]:
        rates = f"{one['workers']:>8} {one['events_per_second']:>10,} {one['window_s']:>9}"
        lines.append(f"{rates}  {one['cpu_share']}")
    return [*lines, f"two_workers_over_one {found['ratios']['two_workers_over_one']}"]
