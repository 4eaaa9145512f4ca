"""Measure lines of the contract: what their keys mean, and the example lines of docs/interface.md."""

from __future__ import annotations

from typing import Any, Final

from schemas.fact import Fact
from streams.core.config import Band, CoreConfig, FigureConfig, Parameter, Scheme
from streams.core.pressure.as_at import measures
from streams.core.pressure.lines import measure_lines

MEASURE: Final[dict[str, str]] = {
    "view": "`measure`",
    "measure": "what is counted: a figure as reported, or one made of them, see docs/capacity.md",
    "subject": "site, provider or care home; a ward or service is `site/part`",
    "as_at": "of the oldest figure it is made of",
    "known_at": "when the newest figure it is made of was received",
    "value": "null = unknown, never zero; with `complete` false: at least so much",
    "numerator": "what it is made of; of an OPEL level its points, of an outbreak the beds closed",
    "denominator": "of how many; of an OPEL level the parameters known, of an outbreak the threshold",
    "complete": "false where a figure it needs is missing, taken back or too old",
    "until": "of figures about the hours to come: up to when",
    "sources[]": "partners that said the figures",
    "scheme": "of an OPEL level or points: the scheme's id",
    "verified": "of a scheme: whether somebody held it against the official table",
    "crossed[].what": "`level`, or the parameter whose band is another than its figure before gave",
    "crossed[].from": "band before, from 1 (calm)",
    "crossed[].to": "band now",
    "version": "as above",
}
EIGHT: Final = 1_799_740_800_000_000
"""2027-01-12T08:00:00Z."""
HOUR: Final = 3_600_000_000
_BANDS: Final = (Band(None, True, 92, True, 0), Band(92, False, 98, True, 1), Band(98, False, None, True, 2))
CONFIG: Final = CoreConfig(
    figures=FigureConfig(
        sites={"RJZ30": ("OAK", "ELM")},
        schemes=(
            Scheme(
                "example-1", False, "2026-01-01", None,
                (Parameter("bed_occupancy", "occupancy_percent", False, _BANDS),), ((1, 0), (2, 1), (3, 2)),
            ),
        ),
    )
)  # fmt: skip


def _fact(number: int, kind: str, at: int, thing: str, **said: Any) -> Fact:
    made = at + 5 * 60_000_000
    return Fact(f"f{number}", kind, "pruh-sitrep", thing, None, thing, at, made, made, body=said)


def figure_lines() -> list[bytes]:
    """A morning of one site: more people than beds, a threshold reached, short of beds at noon."""
    beds = {"beds_open": 28, "beds_escalation": 2, "beds_closed": 4, "beds_closed_infection": 4}
    facts = [
        _fact(0, "BedCapacityReported", EIGHT - 4 * HOUR, "RJZ30/OAK", beds_open=28, beds_occupied=26),
        _fact(1, "BedCapacityReported", EIGHT - 4 * HOUR, "RJZ30/ELM", beds_open=22, beds_occupied=21),
        _fact(2, "BedCapacityReported", EIGHT, "RJZ30/OAK", beds_occupied=30, **beds),
        _fact(3, "PressureMetricReported", EIGHT, "RJZ30", metric="decision_to_admit", value=14.0),
    ]
    leaving = (("discharges_confirmed", 3.0), ("discharges_possible", 2.0))
    for number, (metric, value) in enumerate(leaving, start=4):
        said = {"metric": metric, "value": value, "until_at": EIGHT + 4 * HOUR}
        facts.append(_fact(number, "PressureMetricReported", EIGHT, "RJZ30", **said))
    wanted = ("bed_balance", "beds_occupied", "occupancy_percent", "opel_", "outbreak")
    return list(measure_lines(one for one in measures(facts, CONFIG) if one.measure.startswith(wanted)))
