"""What an ADT message says of a visit: one fact by its trigger, and amendments by the fields it carries.

In: PV1, PV2, ZBE and ZU1 of a message. Out: drafts about the spell. A bed is moved by an A08 only where the
dialect says so; an A02, a discharge or a plan also amends what its own fact has no field for (domain/03
§3.1).
"""

from __future__ import annotations

from typing import Any, Final

from connectors.message import Draft, Identifier, Refusal, Subject
from connectors.partners.hl7_adt.context import Context, at, needed
from connectors.partners.hl7_adt.fields import ADMISSION, COMMON, NEXT, PLACE, PRIOR, read_fields
from schemas import ids
from schemas.reasons import Reason

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
    "A01": ("SpellAdmitted", (*PLACE, *ADMISSION)),
    "A02": ("SpellTransferred", (*PLACE, *PRIOR)),
    "A03": ("SpellDischarged", (*PLACE, "discharge_method", "discharge_destination")),
    "A04": ("SpellRegistered", PLACE),
    "A05": ("SpellPlanned", (*PLACE, "expected_admission_at", "admission_method")),
    "A06": ("SpellClassChanged", (*PLACE, *ADMISSION)),
    "A07": ("SpellClassChanged", (*PLACE, *ADMISSION)),
    "A11": ("SpellAdmissionCancelled", ()),
    "A12": ("SpellTransferCancelled", (*PLACE, *PRIOR)),
    "A13": ("SpellDischargeCancelled", PLACE),
    "A14": ("SpellPlanned", (*PLACE, "expected_admission_at", "admission_method")),
    "A15": ("TransferPending", (*PLACE, "expected_move_at", *NEXT)),
    "A16": ("DischargePending", (*PLACE, "expected_pending_at")),
    "A17": ("SpellTransferred", (*PLACE, *PRIOR)),
    "A21": ("SpellLeaveStarted", ("movement_id",)),
    "A22": ("SpellLeaveEnded", (*PLACE, "movement_id")),
    "A23": ("SpellDeleted", ()),
    "A25": ("DischargePendingCancelled", ()),
    "A26": ("TransferPendingCancelled", NEXT),
    "A27": ("SpellPlanCancelled", ()),
    "A38": ("SpellPlanCancelled", ()),
    "A52": ("SpellLeaveStartCancelled", ("movement_id",)),
    "A53": ("SpellLeaveEndCancelled", ("movement_id",)),
}
"""Trigger to fact and its fields; A08 has none of its own."""
AMENDMENT: Final = "A08"
TRACKING: Final = frozenset({"A09", "A10", "A32", "A33", "A54", "A55"})
"""Someone is on the way between places, or another doctor attends: nothing of that is tracked, but such a
snapshot may say something by the way.
"""
QUIET: Final = TRACKING | {AMENDMENT}
"""What may change nothing tracked at all, and is then counted as an empty diff."""
_WITHDRAWS: Final = frozenset({"A11", "A23", "A25", "A27", "A38"})
"""What these carry by the way belongs to the thing they take back."""
_SAID_ITSELF: Final = {"A16": "expected_discharge_at"}
"""PV2-9 of an A16 is the date of what it announces: said by its own fact, and taken back with it (A25)."""
_CANCELS_ONE: Final = frozenset({"A12", "A26", "A52", "A53"})
_MOVES: Final = frozenset({"A02", "A15", "A17", "A21", "A22"}) | _CANCELS_ONE


def _spell(context: Context, subject: Subject) -> str:
    """The spell of PV1-19: number and authority, because numbers of two authorities are two visits (notes/uk-
    itk-adt).
    """
    visit = needed(context.message, "PV1")
    number = visit.text(19)
    if not number:
        raise Refusal(Reason.FIELD_MISSING, "PV1-19")
    holder = subject.local or next(iter(subject.ids), None)
    return visit_id(context, number, visit.text(19, 4), holder)


def visit_id(context: Context, number: str, authority: str, holder: Identifier | None) -> str:
    """The id of a visit number; `holder` counts only where the dialect says that numbers are used again."""
    reused = holder.value if holder is not None and context.dialect.visit_numbers_reused else ""
    return ids.spell_id(authority or context.dialect.identifiers.visit_authority, number, reused)


def _instance(context: Context, fields: dict[str, Any]) -> str:
    """What tells two movements of a spell apart: ZBE-1, else EVN-6; of a cancel only where EVN-6 names its
    victim.
    """
    if context.trigger not in _MOVES:
        return ""
    if movement := fields.get("movement_id"):
        return str(movement)
    if context.trigger in _CANCELS_ONE and not context.dialect.cancel_names_victim:
        return ""
    return next((text for where in context.dialect.event_time if (text := at(context.message, where))), "")


def common_of(context: Context) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What every fact of a visit says of it, and the doubts about that."""
    fields, flags = read_fields(context, COMMON)
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
    return read_fields(context, (*_AMENDED, *(PLACE if context.dialect.a08_moves_bed else ())))


def visit_drafts(context: Context, subject: Subject, doubts: tuple[str, ...]) -> list[Draft]:
    """Drafts about the visit. Raises Refusal FIELD_MISSING without PV1 or PV1-19; an A08 that says nothing
    tracked gives none.
    """
    spell = _spell(context, subject)
    common, common_flags = common_of(context)
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
