"""What a hub's or ward's list may hold besides (domain/01 §1.2, §1.4, §1.11, §1.13, §1.15): checklist,
responsibility, destination, mental-health readiness, preferred place, unpaid carer.

In: what one file newly says about one row. Out: drafts. Pure. An address is read in its cell and leaves it as
the council it lies in; nothing else of it goes further.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from connectors import cells
from connectors.cells import Cell
from connectors.message import Draft
from connectors.partners.full_file import Change
from runtime.place import Partner

Make = Callable[..., Draft]

ITEM: Final = "item_"
"""How the fields of checklist items begin: `item_medicines = "TTO"`."""
ITEMS: Final = (
    "medicines", "transport_booked", "transport_arrived", "letter", "home_ready", "family_told",
    "therapy_seen", "equipment", "restart_confirmed", "ward_contact", "lounge_arrival",
)
STATES: Final = {
    "done": "Done", "yes": "Done", "y": "Done", "ready": "Done", "complete": "Done", "booked": "Done",
    "failed": "Failed", "aborted": "Failed",
    "not needed": "NotNeeded", "not required": "NotNeeded", "n/a": "NotNeeded", "na": "NotNeeded",
    "no": "", "n": "", "outstanding": "", "not done": "", "pending": "",
}
"""States of an item as lists write them; a dialect adds its own in `codes.checklist`. "" = not done (yet)."""
YES_NO: Final = {"yes": "yes", "y": "yes", "true": "yes", "1": "yes",
                 "no": "no", "n": "no", "false": "no", "0": "no"}
READY: Final = {"ready": "ready", "not ready": "not_ready", "yes": "ready", "y": "ready", "no": "not_ready",
                "n": "not_ready"}
"""Answers to "clinically ready for discharge"; a clinician's result, never computed."""
BASES: Final = {basis: basis for basis in ("address", "gp", "stated", "disputed", "place")}


def area(cell: str, dialect: Partner) -> str:
    """The council a postcode lies in by `codes.council_of_area` (whole postcode, else its outward part); ""
    where the dialect does not say.
    """
    councils = dialect.codes.get("council_of_area", {})
    bare = "".join(cell.upper().split())
    return councils.get(bare) or councils.get(bare[:-3], "")


CELLS: Final[dict[str, Cell]] = {
    **{ITEM + item: cells.code("checklist", STATES) for item in ITEMS},
    "council": cells.normalised("council"), "icb": cells.normalised("icb"), "hub": cells.normalised("hub"),
    "area": area, "gp_practice": cells.text, "responsible_basis": cells.code("basis", BASES),
    "destination": cells.normalised("destination"), "destination_by": cells.text,
    "clinically_ready": cells.code("clinically_ready", READY), "clinically_ready_at": cells.moment,
    "clinically_ready_role": cells.text,
    "preferred_place": cells.normalised("preferred_place"),
    "carer_involved": cells.code("yes_no", YES_NO), "carer_told": cells.code("yes_no", YES_NO),
}


def besides(change: Change, make: Make, dialect: Partner) -> Iterator[Draft]:
    """Drafts of all of it; only facts that hold a field which changed."""
    yield from _items(change, make)
    yield from _responsibility(change, make, dialect)
    if change.touches("destination"):
        scheme = dialect.codes.get("scheme", {}).get("destination")
        body = change.body(destination="destination", set_by="destination_by")
        yield make("DestinationSet", (), body | ({"scheme": scheme} if scheme else {}))
    if change.touches("clinically_ready", "clinically_ready_at", "clinically_ready_role"):
        body = change.body(result="clinically_ready", reviewer_role="clinically_ready_role")
        at = "clinically_ready_at" if body.get("result") else ""
        yield make("ClinicallyReadyAssessed", ("clinically_ready_at",), body, at)
    if change.touches("preferred_place"):
        body = {"purpose": "care", **change.body(place="preferred_place")}
        yield make("PreferredPlaceRecorded", (), body)
    if change.touches("carer_involved", "carer_told"):
        body = {name: _yes(change, field) for name, field in _CARER if field in change.row.values}
        gone = {name: None for name, field in _CARER if field in change.deleted}
        yield make("UnpaidCarerRecorded", (), gone | body)


_CARER: Final = (("involved", "carer_involved"), ("told", "carer_told"))


def _yes(change: Change, field: str) -> bool:
    return bool(change.said(field) == "yes")


def _items(change: Change, make: Make) -> Iterator[Draft]:
    """An item that is not done, or whose cell was emptied, takes back what the source said of it before."""
    for item in ITEMS:
        if change.touches(ITEM + item):
            state = change.said(ITEM + item)
            body = {"item": item if state else None}
            yield make(f"ChecklistItem{state or 'Done'}", (), body, instance=f"{item}@{change.file.as_at}")


def _responsibility(change: Change, make: Make, dialect: Partner) -> Iterator[Draft]:
    """Whose patient, by the best thing the row says: as stated, by the address, by the practice; the ICB by
    the practice, as commissioning is (domain 01 §1.15). What becomes empty is taken back.
    """
    if not change.touches("council", "icb", "hub", "area", "gp_practice", "responsible_basis"):
        return
    practice = change.said("gp_practice") or ""
    stated, by_address = change.said("council"), change.said("area")
    by_practice = dialect.codes.get("council_of_practice", {}).get(practice)
    basis = "stated" if stated else "address" if by_address else "gp" if by_practice else None
    body: dict[str, Any] = {
        "basis": change.said("responsible_basis") or basis,
        "council": stated or by_address or by_practice,
        "icb": change.said("icb") or dialect.codes.get("icb_of_practice", {}).get(practice),
        "hub": change.said("hub"),
    }
    if any(body.values()) or change.deleted:
        yield make("ResponsibilitySet", (), body)
