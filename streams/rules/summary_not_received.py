"""Discharge summary not received (domain 06 §6.2, GP care for care-home residents): somebody went back to a
care home a day ago, and no discharge summary has arrived.

Clear: it arrives; withdrawn where the person is back in hospital. Quiet: somebody who went to a home of their
own; a place that states no hours, because nobody there says which documents arrive.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.delay_codes import label
from streams.rules.about import current_stay, earliest, hours_us, lives_in_a_home, packages_of

NAME = "summary_not_received"
SUMMARY = ("dischargesummary", "dischargeletter", "373942005")
"""Kinds as sent, letters and digits only; the last is SNOMED CT's."""
NOT_STATED = 0.0


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for the current stay, where the place states the hours."""
    spell = current_stay(picture)
    left_at = spell.discharged_at if spell else None
    if spell is None or left_at is None or picture.transfer is None:
        return
    hours = hours_us(config, f"{NAME}.hours", left_at, NOT_STATED)
    resident = any(package.open and lives_in_a_home(package) for package in packages_of(picture))
    if hours and (resident or spell.discharge_group == "care_home"):
        documents = picture.transfer.wishes.documents
        arrived = [one.arrived_at for one in documents if label(one.kind or "").endswith(SUMMARY)]
        opening = spell.departure.fact_id if spell.departure else ""
        yield Span(spell.spell_id, opening, left_at, left_at + hours, earliest(*arrived))


RULE = Rule(NAME, "Discharge summary not received 24 h", ("care home", "practice", "ward"), False, spans)
