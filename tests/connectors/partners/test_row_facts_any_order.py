"""Rows of lists to facts, in any order of arrival: one id is one statement; the newest statements agree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.message import Draft, RawMessage
from connectors.partners.full_file import Change, FileSnapshot, History
from connectors.partners.registry import KINDS
from runtime.place import load_place

PLACE = load_place("bromley")
CELLS: dict[str, dict[str, list[str]]] = {
    "hub-list": {
        "mrn": ["M1"], "visit_number": ["V1"], "ward": ["M4"], "bed": ["", "B1", "B2"],
        "criteria": ["", "Y", "N"], "criteria_at": ["", "10/01/2027 10:20"],
        "pathway_expected": ["", "1", "2"], "reason": ["", "IF1", "IF2"],
        "owner": ["", "hub", "council"], "task": ["", "P1 reablement"], "task_at": ["", "11/01/2027 09:00"],
    },
    "lbb-csv": {
        "package_id": ["PK1"], "person_id": ["LB1"], "status": ["active", "suspended"],
        "provider": ["", "Oakfield"],
        "status_at": ["", "01/12/2026 09:00"], "component": ["", "x", "y"], "units_per_week": ["", "7", "8"],
    },
    "bwell-csv": {
        "support_id": ["S1"], "person_id": ["C1"], "status": ["new", "accepted"], "service": ["", "x", "y"],
        "planned_at": ["", "13/01/2027 10:00"], "consent": ["", "yes", "no"],
    },
}  # fmt: skip


@st.composite
def files(draw: st.DrawFn, partner: str) -> list[RawMessage]:
    """Up to four lists, a minute apart, each with the one row or without it."""
    columns = PLACE.partners[partner].columns
    pattern = PLACE.partners[partner].as_at.removeprefix("name:")
    made = []
    for minute in range(draw(st.integers(1, 4))):
        row = ",".join(draw(st.sampled_from(CELLS[partner].get(name, [""]))) for name in columns)
        rows = [row] if draw(st.integers(0, 3)) else []
        body = "\n".join([",".join(columns.values()), *rows, f"#rows={len(rows)}"])
        name = pattern.replace("%Y%m%dT%H%M", f"20270112T09{minute:02d}").replace("%S", "00")
        made.append(RawMessage(partner, body.encode(), 0, name))
    return made


def snapshots(partner: str, made: Sequence[RawMessage]) -> list[FileSnapshot]:
    """The files as they are read."""
    dialect = PLACE.partners[partner]
    kind = KINDS[dialect.kind].full_file
    assert kind is not None
    return [kind.read_rows(raw, dialect) for raw in made]


def statements(arrived: Sequence[FileSnapshot]) -> list[tuple[Change, Draft]]:
    """All that the files say in this order of arrival."""
    dialect = PLACE.partners[arrived[0].partner]
    kind = KINDS[dialect.kind].full_file
    assert kind is not None
    history, said = History(), list[tuple[Change, Draft]]()
    for file in arrived:
        history, changes = history.add(file)
        said += [(change, draft) for change in changes for draft in kind.translate_row(change, dialect)]
    return said


def names(change: Change, draft: Draft) -> tuple[Any, ...]:
    """All that an event id is made of."""
    return (change.message_id, change.content, draft.kind, draft.natural_key, draft.instance)


def newest(said: Sequence[tuple[Change, Draft]]) -> dict[tuple[str, str, str], Any]:
    """Each field of each thing as last recorded; never said and deleted read the same."""
    found: dict[tuple[str, str, str], tuple[tuple[int, int], Any]] = {}
    for _, draft in said:
        family = draft.fields.get("stage", "") or ("" if draft.kind.startswith(FAMILIES) else draft.kind)
        for field, value in draft.fields.items():
            name, at = (draft.thing, family, field), (draft.recorded_at, draft.sequence)
            if name not in found or at >= found[name][0]:
                found[name] = (at, value)
    return {name: value for name, (_, value) in found.items() if value is not None}


FAMILIES = ("CarePackage", "Support", "Task")
"""Kinds whose fields are read over all of them: the kind is the state."""


@pytest.mark.parametrize("partner", sorted(CELLS))
class TestAnyOrder:
    """Every order of up to four files."""

    @settings(max_examples=60, deadline=None)
    @given(made=st.data())
    def test_one_id_is_one_statement(self, partner: str, made: st.DataObject) -> None:
        """The same message id, content and fact name never stand for two bodies, whatever the order."""
        bodies: dict[tuple[Any, ...], Any] = {}
        for order in permutations(snapshots(partner, made.draw(files(partner)))):
            for change, draft in statements(order):
                said = (dict(draft.fields), draft.occurred_at, draft.recorded_at, draft.flags)
                assert bodies.setdefault(names(change, draft), said) == said

    @settings(max_examples=60, deadline=None)
    @given(made=st.data())
    def test_newest_statements_agree(self, partner: str, made: st.DataObject) -> None:
        """What the fold reads last does not depend on the order of arrival."""
        orders = permutations(snapshots(partner, made.draw(files(partner))))
        readings = [newest(statements(order)) for order in orders]
        assert all(reading == readings[0] for reading in readings)
