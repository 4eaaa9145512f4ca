"""The place and its sites: every measure with its age and its sources, a control chart, last winter.

Numbers of sites and wards; nobody is named. Viewers see no small number (domain 05 IG-09).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from fastapi import FastAPI, Query, Request, Response

from board import drawing, measures
from board.flow import PATHWAYS, Flow, flow_of
from board.history import WINTER_BEFORE, Trend, charted
from board.measure_tables import OVERVIEW, Tables, hidden
from board.measures import Figure, Row, Source
from board.site import Site
from board.small import FEW, HIDDEN, few, kept_back
from board.visit import Link, Visit, visit
from board.wording import UNKNOWN, london
from runtime.freshness import utc
from runtime.reader import OPERATOR
from runtime.spc import Better

LINK: Final = Link("/place", "Place", ("control_centre", "hub", "ward", "council", "viewer", "integrator"))
CHARTED: Final = ("ready_percent_of_occupied", "ready_to_leave", "ready_to_left_hours", "stays_21_days",
                  *(name for name in measures.HEADLINE if name != "ready_percent_of_occupied"))  # fmt: skip
"""What can be charted; the first, where nobody asks for another."""


def add(app: FastAPI, site: Site) -> None:
    """`/place`, narrowed by `at` (a site or a ward); `measure` says what is charted."""

    @app.get(LINK.path)
    async def show(
        request: Request, at: str = Query("", max_length=80), measure: str = Query("", max_length=80)
    ) -> Response:
        here = visit(site, request, LINK)
        here.read("place", [])
        shown = tables(here, at)
        flow = flow_of(site.people.all(OPERATOR, here.now), here.now, shown.site)
        chosen = measure if measure in measures.TITLES else CHARTED[0]
        return here.page(
            "place.html", at=shown.at, title=shown.called(shown.at), sites=shown.sites, hide=shown.hide,
            headline=[(one, _trend(here, one)) for one in _headlines(shown)], levels=shown.levels(),
            overview=shown.overview(), overview_names=[measures.title_of(name)[0] for name in OVERVIEW],
            sections=measures.sections(shown.found, shown.at, shown.say, hide=shown.hide) if shown.at else [],
            wards=shown.wards(flow), hours=shown.hours(), services=shown.services(), homes=shown.homes(),
            packages=shown.packages(),
            flow=_in_words(flow, shown.hide, site.board.ready()), pathways=PATHWAYS,
            **_chart(here, chosen, shown),
        )  # fmt: skip


def tables(here: Visit, at: str = "") -> Tables:
    """The measures as whoever asks may see them; what nobody ever said anything of is the whole place."""
    place, rows = here.site.place, list(here.site.board.projection.measures.values())
    sites = _titles(here, rows)
    known = {row["subject"] for row in rows} | sites.keys()
    wards = {code: one.wards for code, one in place.sites.items()}
    return Tables(rows, _say(here), sites, wards, at if at in known else "", here.reader.role == "viewer")


def _titles(here: Visit, rows: Iterable[Row]) -> dict[str, str]:
    """Subjects that are no part of another -> what they are called; the place's own sites first."""
    named = {code: one.title or code for code, one in here.site.place.sites.items()}
    partners = here.site.place.partners
    others = sorted({row["subject"] for row in rows if "/" not in row["subject"]} - named.keys())
    return named | {name: partners[name].title if name in partners else name for name in others}


def _say(here: Visit) -> measures.Say:
    """What stands of a source: its title, when it was heard, whether it is silent."""
    partners, stale, feeds = here.site.place.partners, here.stale(), here.site.board.projection.feeds

    def said(name: str, heard_at: int | None) -> Source:
        known = partners.get(name)
        heard = heard_at or (feeds.get(name) or {}).get("heard_at")
        return Source(known.title if known else name, utc(heard), stale(name))

    return said


def _headlines(shown: Tables) -> list[Figure]:
    subjects = [shown.site] if shown.at else list(shown.sites)
    of_all = [code for code in shown.sites if code not in shown.wards_of]
    return measures.headlines(shown.found, subjects, shown.say, of_all=of_all, hide=shown.hide)


def _trend(here: Visit, one: Figure) -> Trend | None:
    return here.site.history.trend(one.measure, one.subject, london(here.now).date(), one.value)


def _in_words(flow: Flow, hide: bool, ready: bool) -> dict[str, Any]:
    """The board's own counts; while it is being rebuilt they are unknown."""
    out: dict[str, Any] = {"starts": [str(one) for one in flow.starts]}
    if hide:
        out["starts"] = [hidden(flow.starts.all, few(flow.starts.all)), HIDDEN, HIDDEN]
    if not ready:
        unknown = dict.fromkeys(PATHWAYS, UNKNOWN)
        return {"starts": [UNKNOWN] * 3, "expected": unknown, "left": unknown, "waited": []}
    for name, counts in (("expected", flow.expected), ("left", flow.left)):
        back = kept_back(counts) if hide else frozenset[str]()
        out[name] = {pathway: hidden(counts.get(pathway, 0), pathway in back) for pathway in PATHWAYS}
    out["waited"] = [
        (one.owner, FEW, HIDDEN) if hide and few(one.people) else (one.owner, one.people, f"{one.hours:.0f}")
        for one in flow.waited
    ]
    return out


def _chart(here: Visit, name: str, shown: Tables) -> dict[str, Any]:
    """The control chart of one measure of the site, or of whoever says it first."""
    subject = shown.site or next((s for s in shown.sites if (s, name) in shown.found), "")
    history, today = here.site.history, london(here.now).date()
    title, unit = measures.title_of(name)
    days = history.series(name, subject, today)
    better = cast("Better", measures.BETTER.get(name, "down"))
    kept = shown.hide and (unit == "people" or name in ("ready_percent_of_occupied", "ready_to_left_hours"))
    winter = history.series(name, subject, today - WINTER_BEFORE)
    return {
        "chart": None if kept else drawing.picture(days, charted(days, better)),
        "charted": name, "chart_title": title, "chart_unit": unit, "chart_hidden": kept,
        "chart_of": shown.called(subject), "winter_days": sum(day.value is not None for day in winter),
        "chart_choices": [(one, measures.title_of(one)[0]) for one in CHARTED],
    }  # fmt: skip
