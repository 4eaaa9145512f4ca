"""A charity's export of support (Charitylog and its like): one row a referral, usually without an NHS number
(domain/03 §3.7).

In: what one export newly says about one referral. Out: the Support fact of its status, with the person's
consent. Pure. Where consent is refused the fact still comes, flagged, but who the person is goes no further:
no identity draft, so no match is ever proposed.
"""
from __future__ import annotations

from typing import Final

from connectors import cells
from connectors.message import Draft, RawMessage, Translation
from connectors.partners.full_file import HERE, Change, FullFileKind, RowShape, translate_whole
from connectors.people import CONSENT_REFUSED, IDENTITY_FIELDS, anonymous, identified, subject
from runtime.place import Partner
from schemas import ids

STATUSES: Final = {
    "requested": "Requested", "referred": "Requested", "new": "Requested", "open": "Requested",
    "accepted": "Accepted", "allocated": "Accepted", "active": "Accepted", "visit done": "VisitDone",
    "visited": "VisitDone", "closed": "Closed", "completed": "Closed", "ended": "Closed",
}
"""Statuses as exports write them; a dialect adds its own in `codes.status`."""

CONSENTS: Final = {
    "given": "given", "yes": "given", "y": "given", "true": "given", "1": "given", "refused": "refused",
    "no": "refused", "n": "refused", "false": "refused", "0": "refused", "withdrawn": "refused",
    "unknown": "unknown", "not asked": "unknown", "not recorded": "unknown",
}
"""Answers to "consent to share"; a dialect adds its own in `codes.consent`."""

SHAPE: Final = RowShape(
    cells={
        "support_id": cells.text, "person_id": cells.text, "nhs_number": cells.text, "family": cells.text,
        "given": cells.text, "birth_date": cells.birth_date, "postcode": cells.text,
        "service": cells.normalised("service"), "status": cells.code("status", STATUSES),
        "status_at": cells.moment, "planned_at": cells.moment, "consent": cells.code("consent", CONSENTS),
    },
    keys=("support_id",),
    needs=("status",),
)


def translate_row(change: Change, dialect: Partner) -> tuple[Draft, ...]:
    """Drafts of a change: the support in its status where anything of it changed, the person where they let
    it be known.
    """
    consent = change.said("consent") or "unknown"
    refused = consent == "refused"
    person = subject(dialect, "LOCAL", change.row.values)
    person = anonymous(person) if refused else person
    ref, file, drafts = change.said("support_id"), change.file, []
    support = ids.support_id(dialect.identifiers.default_authority, ref)
    doubts = {*change.flags("status_at", "planned_at"), *((CONSENT_REFUSED,) if refused else ())}
    flags = tuple(sorted(doubts))
    if change.kind == "gone":
        at = file.as_at
        return (Draft("SupportRowGone", support, person, support, at, at, file.sequence, str(at), flags),)
    if change.touches(HERE, "status", "status_at", "service", "planned_at", "consent"):
        since = change.said("status_at")
        drafts.append(Draft(
            f"Support{change.said('status')}", support, person, support,
            file.as_at if since is None else since, file.as_at, file.sequence,
            instance=str(file.as_at) if since is None else "", flags=flags,
            fields=change.body(service="service", planned_at="planned_at")
            | {"consent": consent, "record_ref": ref},
        ))
    if change.touches("consent", *IDENTITY_FIELDS) and not refused:
        drafts.append(identified(person, file.as_at, file.as_at, file.sequence))
    return tuple(drafts)


KIND: Final = FullFileKind(SHAPE, translate_row)


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """An export on its own, every row new. Raises Refusal of the whole file."""
    return translate_whole(raw, dialect, KIND)
