"""What a desk promises of its alerts, and whom to ring there now (domain 02 §2.4, ecosystem B1).

In: the place's word on a desk, a moment. Out: the first contact who is there. Whom a contact is, is a role
and a number of the desk: never a person's name.
"""

from __future__ import annotations

import msgspec

from streams.core.alerts.desk_hours import DeskHours, after_hours


class Contact(msgspec.Struct, frozen=True):
    """A role to ring, when it answers; None = always. Deputies stand after those they stand in for."""

    name: str
    phone: str
    hours: DeskHours | None = None


class DeskTerms(msgspec.Struct, frozen=True):
    """How long an alert may wait for an answer, in the desk's hours, and how long an answer holds; None =
    for good.
    """

    hours: DeskHours | None = None
    escalate_us: int | None = None
    acknowledged_us: int | None = None
    contacts: tuple[Contact, ...] = ()

    def ring(self, at: int) -> Contact | None:
        """Whom to ring at a moment: the first who answers then, else who answers first."""
        answering = [(after_hours(at, 0, one.hours), rank) for rank, one in enumerate(self.contacts)]
        return self.contacts[min(answering)[1]] if answering else None


ALWAYS = DeskTerms()
"""Of a desk the place says nothing of."""
