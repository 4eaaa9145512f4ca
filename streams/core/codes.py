"""Codes as sent and as the country writes them: `{raw, code}` (design.md §9, domain 04 §4.5-4.6, domain
01 §1.1 and §1.4).

In: a code as sent. Out: the national code where it is one or the partner's map names one, else none:
nothing is guessed.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from streams.core.config import CoreConfig
from streams.core.spells.delay_codes import DELAY_REASONS, label


class Code(NamedTuple):
    """A code as sent and normalised."""

    raw: str
    code: str | None


PATIENT_CLASSES: Final = frozenset("BCEINOPRUW")
DISCHARGE_METHODS: Final = frozenset("123456789")
DIED: Final = frozenset("45")
_GROUPS: Final = {
    "home": ("19", "66"),
    "temporary": ("29",),
    "care_home": ("54", "55", "56", "65", "85"),
    "hospital": ("51", "52", "53", "87"),
    "hospice": ("88",),
    "secure": ("30", "37", "38", "39", "40", "42", "48", "49", "50", "84", "89"),
    "died": ("79",),
    "unknown": ("98", "99"),
}
DESTINATION_GROUPS: Final = {code: group for group, codes in _GROUPS.items() for code in codes}
"""Destination -> group.

Old and new lists together, because the mapping between them loses (domain 04 §4.6).
"""
GROUPS: Final = tuple(_GROUPS)

CHECKLIST: Final = (
    "medicines", "transport_booked", "transport_arrived", "letter", "home_ready", "family_told",
    "therapy_seen", "equipment", "restart_confirmed", "ward_contact", "lounge_arrival",
)
"""Items of the ready-to-go checklist (domain 01 §1.13); a source may name others."""
CHECKLIST_ITEMS: Final = {label(item): item for item in CHECKLIST}
_PATHWAY: Final = re.compile(r"\s*(?:pathway|p)?\s*([0-3])(?:b|\b)", re.IGNORECASE)


def coded(field: str, raw: object, partner: str, config: CoreConfig) -> Code | None:
    """Normalise a code of one partner.

    `field` is class, discharge_method, discharge_destination, pathway, delay_reason or
    checklist_item.
    """
    if raw is None or raw == "":
        return None
    text = str(raw)
    mapped = config.codes.get(partner, {}).get(field, {}).get(text)
    return Code(text, mapped if mapped is not None else _national(field, text))


def _national(field: str, text: str) -> str | None:
    if field == "pathway":
        found = _PATHWAY.match(text)
        return f"P{found[1]}" if found else None
    if field == "delay_reason":
        return DELAY_REASONS.get(label(text))
    if field == "checklist_item":
        return CHECKLIST_ITEMS.get(label(text))
    upper = text.strip().upper()
    return upper if upper in _KNOWN[field] else None


_KNOWN: Final[dict[str, frozenset[str]]] = {
    "class": PATIENT_CLASSES,
    "discharge_method": DISCHARGE_METHODS,
    "discharge_destination": frozenset(DESTINATION_GROUPS),
}
