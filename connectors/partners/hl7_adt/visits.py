"""What an ADT message says of a visit: one fact by its trigger, and amendments by the fields it carries.

In: PV1, PV2, ZBE and ZU1 of a message. Out: drafts about the spell. A bed is moved by an A08 only where the
dialect says so; an A02, a discharge or a plan also amends what its own fact has no field for (domain/03
§3.1).
"""

from __future__ import annotations

from typing import Any, Final

from connectors.message import Draft, Refusal, Subject
from connectors.partners.hl7_adt.context import Context, at, needed
from connectors.partners.hl7_adt.reading import ABSENT, Segment
from schemas import ids
from schemas.reasons import Reason

_COMMON: Final = ("visit_number", "patient_class", "admitted_at")
_PLACE: Final = ("poc", "room", "bed", "facility")
_PRIOR: Final = ("prior_poc", "prior_room", "prior_bed", "movement_id")
_AMENDED: Final = (
    "specialty",
    "expected_discharge_at",
    "discharged_at",
    "discharge_method",
    "discharge_destination",
    "medically_fit",
    "medically_fit_at",
    "admission_method",
    "admission_source",
)
_BY_THE_WAY: Final = ("expected_discharge_at", "medically_fit", "medically_fit_at")
"""What any snapshot may carry and no other fact has a field for."""

FACTS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "A01": ("SpellAdmitted", (*_PLACE, "admission_method", "admission_source", "specialty")),
    "A02": ("SpellTransferred", (*_PLACE, *_PRIOR)),
    "A03": ("SpellDischarged", (*_PLACE, "discharge_method", "discharge_destination")),
    "A04": ("SpellRegistered", _PLACE),
    "A05": ("SpellPlanned", (*_PLACE, "expected_admission_at", "admission_method")),
    "A11": ("SpellAdmissionCancelled", ()),
    "A12": ("SpellTransferCancelled", (*_PLACE, *_PRIOR)),
    "A13": ("SpellDischargeCancelled", _PLACE),
    "A16": ("DischargePending", (*_PLACE, "expected_pending_at")),
    "A25": ("DischargePendingCancelled", ()),
    "A38": ("SpellPlanCancelled", ()),
}
"""Trigger to fact and its fields; A08 has none of its own."""
AMENDMENT: Final = "A08"
_WITHDRAWS: Final = frozenset({"A11", "A25", "A38"})
"""What these carry by the way belongs to the thing they take back."""
_SAID_ITSELF: Final = {"A16": "expected_discharge_at"}
"""PV2-9 of an A16 is the date of what it announces: said by its own fact, and taken back with it (A25)."""
_MOVES: Final = frozenset({"A02", "A12"})

_TEXTS: Final[dict[str, tuple[str, int, int]]] = {
    "poc": ("PV1", 3, 1),
    "room": ("PV1", 3, 2),
    "bed": ("PV1", 3, 3),
    "facility": ("PV1", 3, 4),
    "prior_poc": ("PV1", 6, 1),
    "prior_room": ("PV1", 6, 2),
    "prior_bed": ("PV1", 6, 3),
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
    "expected_discharge_at": ("PV2", 9),
    "medically_fit_at": ("ZU1", 24),
}
_NAMES: Final = {"expected_admission_at": "expected_at", "expected_pending_at": "expected_at"}
"""Two events call different fields `expected_at`."""


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


def _spell(context: Context, subject: Subject) -> str:
    """The spell of PV1-19: number and authority, because numbers of two authorities are two visits (notes/uk-
    itk-adt).
    """
    visit = needed(context.message, "PV1")
    number = visit.text(19)
    if not number:
        raise Refusal(Reason.FIELD_MISSING, "PV1-19")
    names = context.dialect.identifiers
    holder = next((i.value for i in subject.ids if i.system != "NHS"), "") or next(
        (i.value for i in subject.ids), ""
    )
    return ids.spell_id(
        visit.text(19, 4) or names.visit_authority,
        number,
        holder if context.dialect.visit_numbers_reused else "",
    )


def _instance(context: Context, fields: dict[str, Any]) -> str:
    """What tells two movements of a spell apart: ZBE-1, else EVN-6; of a cancel only where EVN-6 names its
    victim.
    """
    if context.trigger not in _MOVES:
        return ""
    if movement := fields.get("movement_id"):
        return str(movement)
    if context.trigger == "A12" and not context.dialect.cancel_names_victim:
        return ""
    return next((text for where in context.dialect.event_time if (text := at(context.message, where))), "")


def _common(context: Context) -> tuple[dict[str, Any], tuple[str, ...]]:
    fields, flags = read_fields(context, _COMMON)
    code = fields.get("patient_class")
    if isinstance(code, str):
        fields["patient_class"] = context.dialect.codes.get("class", {}).get(code, code)
    return fields, flags


def _amendment(context: Context) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Tracked fields of an amendment: all of an A08, the by-the-way ones of another trigger."""
    if context.trigger in _WITHDRAWS:
        return {}, ()
    if context.trigger != AMENDMENT:
        return read_fields(context, tuple(n for n in _BY_THE_WAY if n != _SAID_ITSELF.get(context.trigger)))
    return read_fields(context, (*_AMENDED, *(_PLACE if context.dialect.a08_moves_bed else ())))


def visit_drafts(context: Context, subject: Subject, doubts: tuple[str, ...]) -> list[Draft]:
    """Drafts about the visit. Raises Refusal FIELD_MISSING without PV1 or PV1-19; an A08 that says nothing
    tracked gives none.
    """
    spell = _spell(context, subject)
    common, common_flags = _common(context)
    drafts = []
    if context.trigger in FACTS:
        kind, names = FACTS[context.trigger]
        fields, flags = read_fields(context, names)
        drafts.append(
            context.draft(
                kind,
                spell,
                subject,
                common | fields,
                thing=spell,
                instance=_instance(context, fields),
                flags=(*doubts, *common_flags, *flags),
            )
        )
    amended, flags = _amendment(context)
    corrected = context.trigger == AMENDMENT and "admitted_at" in common
    if amended or corrected:
        drafts.append(
            context.draft(
                "SpellAmended",
                spell,
                subject,
                common | amended,
                thing=spell,
                flags=(*doubts, *common_flags, *flags),
            )
        )
    return drafts
