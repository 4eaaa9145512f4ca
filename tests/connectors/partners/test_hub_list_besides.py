"""What a list may hold besides readiness and task: an address leaves its cell as a council; an emptied cell
takes back.
"""

from __future__ import annotations

from typing import Any

from connectors.message import RawMessage
from connectors.partners.hub_list.besides import area
from connectors.pipeline import Pipeline
from runtime.place import Partner, load_place
from runtime.pseudonym import KeyRing

COLUMNS = {
    "mrn": "MRN", "visit_number": "Visit",
    "area": "Postcode", "gp_practice": "Practice", "council": "Council",
    "destination": "Going to", "clinically_ready": "CRFD", "clinically_ready_at": "CRFD since",
    "item_letter": "Letter", "task": "Task", "task_ref": "Ref", "task_parent": "Of",
}
CODES = {
    "council_of_area": {"SE9": "E09000011", "BR11AA": "E09000006"}, "icb_of_practice": {"G84001": "QKK"},
    "checklist": {"TTO'd": "Done"},
}
HEAD = ",".join(COLUMNS.values())


def said(*rows: str) -> list[tuple[str, dict[str, Any], str]]:
    """Kind, specific fields and whole text of each event of the last of several files of one row each."""
    place = load_place("bromley")
    partner = place.partners["hub-list"].model_copy(update={"columns": COLUMNS, "codes": CODES})
    place = place.model_copy(update={"partners": {**place.partners, "hub-list": partner}})
    pipeline = Pipeline(place, "hub-list", KeyRing.offline())
    out: list[tuple[str, dict[str, Any], str]] = []
    for hour, row in enumerate(rows, 9):
        body = f"{HEAD}\n{row}\n#rows=1\n".encode()
        raw = RawMessage("hub-list", body, 1_799_766_000_000_000, f"hublist-20270112T{hour:02d}0000.csv")
        events = pipeline.process(raw).events
        out = [
            (event.schema.split(".")[0], dict(event.record), repr(event))
            for event in events if not event.identifiable
        ]
    return out


def test_an_address_leaves_its_cell_as_a_council() -> None:
    events = said("K1,V1,se9 9zz,G84001,,,,,,,,")
    record = next(record for kind, record, _ in events if kind == "ResponsibilitySet")
    assert (record["basis"], record["council"], record["icb"]) == ("address", "E09000011", "QKK")
    assert not any("9ZZ" in text.upper() for *_, text in events)


def test_the_whole_postcode_goes_before_its_outward_part_and_an_unmapped_one_says_nothing() -> None:
    dialect = Partner(kind="hub_list", sector="hub", transport="files", codes=CODES)
    assert [area(text, dialect) for text in ("BR1 1AA", "SE9 1AA", "BR1 2AA", "")] == [
        "E09000006", "E09000011", "", "",
    ]


def test_a_stated_council_goes_before_the_address() -> None:
    events = said("K1,V1,SE9 1AA,,E09000006,,,,,,,")
    record = next(record for kind, record, _ in events if kind == "ResponsibilitySet")
    assert (record["basis"], record["council"]) == ("stated", "E09000006")


def test_an_emptied_cell_takes_back_what_it_said() -> None:
    events = said("K1,V1,SE9 1AA,,,D3,Yes,11/01/2027 10:00,TTO'd,,,", "K1,V1,,,,,,,,,,")
    found = {kind: (record["withdrawn"], record["instance"]) for kind, record, _ in events}
    assert set(found) == {
        "ResponsibilitySet", "DestinationSet", "ClinicallyReadyAssessed", "ChecklistItemDone",
    }
    assert found["ChecklistItemDone"] == (1, "letter@1799748000000000")
    assert found["ResponsibilitySet"][0] == 0b1111


def test_tasks_with_references_are_told_apart_and_know_their_parent() -> None:
    first = said("K1,V1,,,,,,,,P1 dom care,T1,T0")
    second = said("K1,V1,,,,,,,,P1 dom care,T2,T0")
    one, other = (next(r for kind, r, _ in events if kind == "TaskRequested") for events in (first, second))
    assert one["thing"] != other["thing"]
    assert one["parent_id"] == other["parent_id"] is not None
