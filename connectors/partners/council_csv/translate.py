"""A council's extract of care packages: one row a package, its status and since when (domain/03 §3.6).

In: what one extract newly says about one package. Out: the CarePackage fact of its status, whole. Pure. A
package on no later extract is CarePackageRowGone: unknown since, never ended. An end date is no part of the
key, for an event sent open comes again closed (corpora/cld).
"""
from __future__ import annotations

from typing import Final

from connectors import cells
from connectors.message import Draft, RawMessage, Translation
from connectors.partners.full_file import HERE, Change, FullFileKind, RowShape, translate_whole
from connectors.people import IDENTITY_FIELDS, identified, subject
from runtime.place import Partner
from schemas import ids

STATUSES: Final = {
    "requested": "Requested", "referred": "Requested", "proposed": "Proposed", "offered": "Proposed",
    "approved": "Approved", "agreed": "Approved", "started": "Started", "open": "Started",
    "active": "Started",
    "suspended": "Suspended", "lapsed": "Lapsed", "restarted": "Restarted", "changed": "Changed",
    "ended": "Ended", "closed": "Ended", "entered in error": "EnteredInError", "error": "EnteredInError",
}
"""Statuses as extracts write them; a dialect adds its own in `codes.status`."""

BODY: Final = {
    "service_type": "service_type", "component": "component", "provider": "provider",
    "first_call_at": "first_call_at", "units_per_week": "units_per_week", "reason": "reason",
}
"""Event field -> row field."""

SHAPE: Final = RowShape(
    cells={
        "package_id": cells.text, "person_id": cells.text, "nhs_number": cells.text, "family": cells.text,
        "given": cells.text, "birth_date": cells.birth_date, "postcode": cells.text,
        "status": cells.code("status", STATUSES), "status_at": cells.moment,
        "service_type": cells.normalised("service_type"), "component": cells.normalised("component"),
        "provider": cells.text, "first_call_at": cells.moment, "units_per_week": cells.quantity,
        "reason": cells.text,
    },
    keys=("package_id",),
    needs=("status",),
)


def translate_row(change: Change, dialect: Partner) -> tuple[Draft, ...]:
    """Drafts of a change: the package in its status where anything of it changed, the person where anything
    of them did.
    """
    person = subject(dialect, "SOCIAL_CARE", change.row.values)
    ref, file, drafts = change.said("package_id"), change.file, []
    package = ids.package_id(dialect.identifiers.default_authority, ref)
    if change.kind == "gone":
        at = file.as_at
        return (
            Draft("CarePackageRowGone", package, person, package, at, at, file.sequence, str(at), file.flags),
        )
    if change.touches(HERE, "status", "status_at", *BODY.values()):
        since = change.said("status_at")
        drafts.append(Draft(
            f"CarePackage{change.said('status')}", package, person, package,
            file.as_at if since is None else since, file.as_at, file.sequence,
            instance=str(file.as_at) if since is None else "",
            flags=change.flags("status_at", "first_call_at"),
            fields=change.body(**BODY) | {"record_ref": ref},
        ))
    if change.touches(*IDENTITY_FIELDS):
        drafts.append(identified(person, file.as_at, file.as_at, file.sequence))
    return tuple(drafts)


KIND: Final = FullFileKind(SHAPE, translate_row)


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """An extract on its own, every row new. Raises Refusal of the whole file."""
    return translate_whole(raw, dialect, KIND)
