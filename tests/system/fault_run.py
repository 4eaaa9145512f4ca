"""One fault run: load, the moments of the faults, what must hold afterwards, the figures that are printed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from tests.system.load import Senders, Town
from tests.system.place import SystemPlace, tail, until
from tests.system.verdict import Folded, compare, in_flight, lost, repeated


@dataclass
class Run:
    """Begin the load, note each fault as it happens, end it: then the archive holds what was answered yes,
    and live lines equal the replay; where flushes are fenced nobody saw an output twice.
    """

    place: SystemPlace
    record: pytest.FixtureRequest
    moments: list[int] = field(default_factory=list)
    unanswered: int = 0
    before: Folded = field(default_factory=Folded)
    figures: dict[str, object] = field(default_factory=dict)

    def begin(self, town: Town, hl7: int, per_second: float) -> Senders:
        """Start the load and let it get going."""
        self.before = Folded.of(self.place.folder)
        self.senders = self.place.send(town.portion(hl7), per_second)
        until(lambda: len(self.senders.answers) > 20, 60, "the load is under way")
        return self.senders

    def now(self) -> None:
        """Note that a fault happens now."""
        self.moments.append(time.time_ns() // 1000)
        self.unanswered += self.senders.unanswered

    def end(self) -> None:
        """Everything is answered; then everything must hold."""
        self.senders.finish(120)
        found, archive = compare(self.place)
        again = Folded.of(self.place.folder).again() - self.before.again()
        flight = in_flight(self.place, self.moments)
        self.figures |= {
            "sent": len(self.senders.sends), "answered not now": self.senders.again,
            "unanswered at the fault": self.unanswered,
            "records in flight": flight, "facts replayed": again, "lines compared": len(found.offline),
        }  # fmt: skip
        if self.place.given_up:
            # A slow machine can cost the owner its session: said here; a restart must cure it.
            self.figures["gave up besides"] = len(self.place.given_up)
        text = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        self.record.node.user_properties.append(("figures", text))
        print(text)
        assert lost(self.place, archive) == [], "answered yes, in scope, not in the archive"
        assert found.equal, "\n".join([str(found), *self.place.given_up, *map(tail, self.place.workers)])
        if self.place.traits.fenced:
            assert repeated(self.place) == [], "a read_committed subscriber saw an output twice"
