"""A hospital's list of inpatients at one time: on the day a hospital goes live it makes the spells of those
already in bed (domain/03 §3.9).

In: what one list newly says about one bed. Out: SpellCensused, flagged `census` so that nobody is alerted or
told about the past. Pure. A visit that is on no later list says nothing: only the hospital's own messages
discharge anybody.
"""
from __future__ import annotations

from typing import Final

from connectors import cells
from connectors.message import Draft, RawMessage, Translation
from connectors.partners.full_file import Change, FullFileKind, RowShape, translate_whole
from connectors.people import IDENTITY_FIELDS, identified, subject
from runtime.place import Partner
from schemas import ids

FLAG: Final = "census"
INPATIENT: Final = "I"
"""PV1-2 of everybody on a list of inpatients, unless the list has a column for it."""

BODY: Final = {
    "visit_number": "visit_number", "patient_class": "patient_class", "admitted_at": "admitted_at",
    "poc": "ward", "room": "room", "bed": "bed", "facility": "site", "specialty": "specialty",
}
"""Event field -> row field."""

SHAPE: Final = RowShape(
    cells={
        "visit_number": cells.text, "mrn": cells.text, "nhs_number": cells.text, "nhs_status": cells.text,
        "family": cells.text, "given": cells.text, "birth_date": cells.birth_date, "postcode": cells.text,
        "ward": cells.text, "room": cells.text, "bed": cells.text, "site": cells.text,
        "patient_class": cells.normalised("class"), "admitted_at": cells.moment,
        "specialty": cells.normalised("specialty"),
    },
    keys=("visit_number",),
    needs=("mrn",),
)


def translate_row(change: Change, dialect: Partner) -> tuple[Draft, ...]:
    """Drafts of a change: the bed where anything about it changed, the person where anything about them did.
    """
    if change.kind == "gone":
        return ()
    person = subject(dialect, "MRN", change.row.values)
    local = change.said("mrn") if dialect.visit_numbers_reused else ""
    spell = ids.spell_id(dialect.identifiers.visit_authority, change.said("visit_number"), local)
    file, drafts = change.file, []
    if change.touches(*BODY.values()):
        body = {"patient_class": INPATIENT} | change.body(**BODY)
        flags = tuple(sorted({FLAG, *change.flags("admitted_at")}))
        drafts.append(Draft(
            "SpellCensused", spell, person, spell, file.as_at, file.as_at, file.sequence,
            flags=flags, fields=body,
        ))
    if change.touches(*IDENTITY_FIELDS):
        drafts.append(identified(person, file.as_at, file.as_at, file.sequence))
    return tuple(drafts)


KIND: Final = FullFileKind(SHAPE, translate_row)


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """A list on its own, every row new. Raises Refusal of the whole file."""
    return translate_whole(raw, dialect, KIND)
