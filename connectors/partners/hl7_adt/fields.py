"""Where ADT messages say what: our field names to HL7 fields (domain/03 §3.1 "Key fields").

In: a message and the names wanted. Out: their values, three-state. Nothing is read that no fact has a field
for: attending doctors and the rest of PV1 stay in the message (domain/05, minimise).
"""

from __future__ import annotations

from typing import Any, Final

from connectors.partners.hl7_adt.context import Context
from connectors.partners.hl7_adt.reading import ABSENT, Segment

COMMON: Final = ("visit_number", "patient_class", "admitted_at")
PLACE: Final = ("poc", "room", "bed", "facility")
PRIOR: Final = ("prior_poc", "prior_room", "prior_bed", "movement_id")
NEXT: Final = ("pending_poc", "pending_room", "pending_bed", "movement_id")
ADMISSION: Final = ("admission_method", "admission_source", "specialty")

_TEXTS: Final[dict[str, tuple[str, int, int]]] = {
    "poc": ("PV1", 3, 1),
    "room": ("PV1", 3, 2),
    "bed": ("PV1", 3, 3),
    "facility": ("PV1", 3, 4),
    "prior_poc": ("PV1", 6, 1),
    "prior_room": ("PV1", 6, 2),
    "prior_bed": ("PV1", 6, 3),
    "pending_poc": ("PV1", 42, 1),
    "pending_room": ("PV1", 42, 2),
    "pending_bed": ("PV1", 42, 3),
    "movement_id": ("ZBE", 1, 1),
    "visit_number": ("PV1", 19, 1),
    "patient_class": ("PV1", 2, 1),
    "admission_method": ("PV1", 4, 1),
    "specialty": ("PV1", 10, 1),
    "admission_source": ("PV1", 14, 1),
    "discharge_method": ("PV1", 36, 1),
    "discharge_destination": ("PV1", 37, 1),
    "medically_fit": ("ZU1", 22, 1),
}
_TIMES: Final[dict[str, tuple[str, int]]] = {
    "admitted_at": ("PV1", 44),
    "discharged_at": ("PV1", 45),
    "expected_admission_at": ("PV2", 8),
    "expected_pending_at": ("PV2", 9),
    "expected_move_at": ("EVN", 3),
    "expected_discharge_at": ("PV2", 9),
    "medically_fit_at": ("ZU1", 24),
}
_NAMES: Final = {
    "expected_admission_at": "expected_at",
    "expected_pending_at": "expected_at",
    "expected_move_at": "expected_at",
}
"""Three events call different fields `expected_at`; for a planned move HL7 2.4 §3.4.1 has EVN-3."""


def read_fields(context: Context, names: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read fields by our names, three-state (absent ones left out), and the doubts about them."""
    segments: dict[str, Segment | None] = {}
    fields: dict[str, Any] = {}
    flags: tuple[str, ...] = ()
    for name in names:
        where = _TEXTS[name][0] if name in _TEXTS else _TIMES[name][0]
        if where not in segments:
            segments[where] = context.message.first(where)
        segment = segments[where]
        if segment is None:
            continue
        value: Any
        if name in _TEXTS:
            value = segment.value(*_TEXTS[name][1:])
        else:
            value, doubts = context.moment(segment, _TIMES[name][1])
            flags += doubts
        if value is not ABSENT:
            fields[_NAMES.get(name, name)] = value
    return fields, flags
