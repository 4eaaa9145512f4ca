"""A worker process for system tests: the real worker, with a counter of what it folds, orders it obeys inside
a flush, and a person who does not reduce: `worker_process.py <json {name, folder, blind}>`.

`<folder>/folded` gets a line for every record folded (unbuffered: it survives kill -9). A file
`<folder>/orders/<name>` holding {step, signal} makes the process send itself that signal the next time a
flush reaches the step; `<folder>/poison` holding the ids of things makes the reduce of whoever has one fail.
All of it is the tests', never a setting.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime import logging
from runtime.place import load_place
from runtime.settings import load_settings
from schemas.fact import Fact
from streams.agents.config import core_config
from streams.agents.parking import Parking
from streams.agents.person import PersonFold
from streams.core.config import CoreConfig
from streams.core.reduce import Picture, reduce_person
from streams.engine.app import BatchApp
from streams.engine.process import serve
from streams.engine.types import Record
from streams.worker import plan_of, quieten, services_of
from tests.engine.toy_worker import blind

APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT
SECRET = "WILHELMINACANARY"
"""Stands in the text of the error that parks: must be in no log."""


class CountedFold(PersonFold):
    """A person fold that tells what it folded."""

    out = -1

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        super().fold(topic, records)
        lines = "".join(f"{topic} {r.partition} {r.offset} {time.time_ns() // 1000}\n" for r in records)
        os.write(self.out, lines.encode())


class Poisoned:
    """The reduce of production, except for whoever has a thing that `<folder>/poison` names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, facts: Iterable[Fact], config: CoreConfig) -> Picture:
        things = self.path.read_text().split() if self.path.exists() else ()
        held = list(facts)
        if any(fact.thing in things for fact in held):
            raise LookupError(SECRET)
        return reduce_person(held, config)


def checkpoint_of(order: Path, hits: int) -> Any:
    """The hook of a flush: at the ordered step the process kills or stops itself."""

    def checkpoint(step: str, partition: int) -> None:
        if not order.exists():
            return
        given = json.loads(order.read_text())
        if given["step"] == step:
            order.unlink()
            os.write(hits, f"{step} {given['signal']} {partition}\n".encode())
            os.kill(os.getpid(), getattr(signal, given["signal"]))

    return checkpoint


def main(name: str, folder: Path, blinded: bool) -> int:
    """Run until stopped."""
    logging.configure()
    quieten()
    settings = load_settings()
    CountedFold.out = os.open(folder / "folded", APPEND)
    reduce, parking = Poisoned(folder / "poison"), Parking()
    config = core_config(load_place(settings.place))
    plan = plan_of(settings, lambda _partition: CountedFold(config, reduce, parking=parking))
    checkpoint = checkpoint_of(folder / "orders" / name, os.open(folder / "hits", APPEND))
    plan = replace(plan, session_s=6.0, checkpoint=checkpoint)
    if blinded:
        blind()
        plan = replace(plan, flush_timeout_s=300.0)  # its clock, too, would find it out
    return serve(lambda: BatchApp(plan), lambda app: services_of(settings, app))


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.exit(main(given["name"], Path(given["folder"]), given["blind"]))
