"""A simulated trust's days as an intake takes them: through the partners' wires, not through facts."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cli.replay.intake import Intake, Taken
from cli.replay.sources import Sourced
from connectors.message import RawMessage
from runtime.place import Place, load_place
from runtime.pseudonym import KeyRing
from simulator.trust_days import Days
from streams.returns.cells import Cell


def place() -> Place:
    """The demo's place, whose hub list also has columns for the council and the destination."""
    bromley = load_place("bromley")
    hub = bromley.partners["hub-list"]
    columns = {**hub.columns, "council": "Council", "destination": "Destination"}
    partners = {**bromley.partners, "hub-list": hub.model_copy(update={"columns": columns})}
    return bromley.model_copy(update={"partners": partners})


def micros(at: datetime) -> int:
    """µs of a time."""
    return round(at.timestamp()) * 1_000_000


def taken(days: Days, known: datetime, at: Place | None = None) -> Taken:
    """Everything received by a time, through the pipelines of the place."""
    raws = [RawMessage(send.partner, send.body, 0, name=send.name) for send in days.sends]
    intake = Intake(at or place(), KeyRing.offline(), {})
    return intake.take((Sourced(raw, raw.name, 0) for raw in raws), as_of=micros(known))


def figures(cells: list[Cell]) -> dict[tuple[str, str], float | None]:
    """(Residents, cell) -> figure."""
    return {(cell.residents, cell.name): cell.value for cell in cells}


def noon(day: date) -> datetime:
    """Noon UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
