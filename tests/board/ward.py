"""A place to look at: people in every state a page has to show, a board with accounts, no broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from board.access.accounts import Account, hash_password
from board.app import Board, make_app
from board.projection import Projection
from board.site import Site
from board.web import add_pages
from runtime.audit import Audit
from runtime.clock import FakeClock, micros
from runtime.freshness import utc
from runtime.place import load_place
from runtime.reader import OPERATOR, Reader

PLACE = load_place("bromley")
AT = micros("2027-01-12T14:26:00Z")
MINUTE = 60_000_000
PASSWORD = "a password of nobody"
HASHED = hash_password(PASSWORD, (2**4, 8, 1))
DESKS = {
    "hub": "bromley-spa",
    "ward": "pruh-ward",
    "council": "lbb",
    "provider": "oakfield",
    "voluntary": "bromley-well",
    "control": "control-centre",
    "wall": "wall",
    "audit": "audit",
    "feeds": "integration",
}
ELSEWHERE = "E09000011"
SURNAMES = ("Ashby", "Birch", "Cole", "Dunne", "Eade", "Frost", "Gale", "Hobbs", "Ives", "Joyce")


def key(number: int) -> str:
    """A person key."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    text = "".join(digits[(number >> (5 * place)) % 32] for place in range(5))
    return "p1:" + text.rjust(26, "A")


def ago(minutes: float) -> str:
    """A time before AT."""
    return utc(AT - int(minutes * MINUTE)) or ""


def person(number: int, **said: Any) -> dict[str, Any]:
    """A person line."""
    row = {"view": "person", "person_key": key(number), "merged_into": None, "restricted": False, "flags": []}
    return {**row, "candidate_links": [], "version": "0", **said}


def spell(number: int, **said: Any) -> dict[str, Any]:
    """A spell line, of a resident of the place who has been ready for `number` hours."""
    code = {"raw": "1", "code": "P1"}
    return {
        "view": "spell",
        "spell_id": f"s-{number}",
        "partner": "pruh-adt",
        "visit_number": f"V{number}",
        "person_key": key(number),
        "class": {"raw": "I", "code": "I"},
        "status": "admitted",
        "admitted_at": ago(6000 + number),
        "discharged_at": None,
        "expected_discharge_at": ago(-120),
        "location": {"poc": f"M{number % 9}", "room": "B1", "bed": f"{number % 24:02d}", "facility": "RJZ30"},
        "stays": [{"from": ago(6000), "to": None, "place": "M4^B1^03", "inferred": False}],
        "pending": [],
        "leave": [],
        "ready": [
            {"from": ago(60 * number + 5), "to": None, "source": "hub-list", "basis": "criteria_to_reside"}
        ],
        "discharge_ready_at": ago(60 * number + 5),
        "pathway": {
            "expected": code,
            "confirmed": None,
            "history": [
                {"stage": "expected", "pathway": code, "at": ago(900), "source": "hub-list", "set_by": None}
            ],
        },
        "delays": [],
        "checklist": [
            {
                "item": "medicines",
                "state": "missing",
                "source": None,
                "at": None,
                "owner": "hospital",
                "planned_at": None,
                "reason": None,
            },
            {
                "item": "home_ready",
                "state": "done",
                "source": "bwell-webhook",
                "at": ago(30),
                "owner": "voluntary",
                "planned_at": None,
                "reason": None,
            },
        ],
        "discharge": {"method": None, "destination": None, "group": None, "list": None},
        "death": {"stated_at": None, "confirmed_at": None},
        "responsible": {
            "council": "E09000006",
            "icb": "QKK",
            "hub": "bromley-spa",
            "basis": "address",
            "since": ago(6000),
            "claims": [],
        },
        "flags": [],
        "expected_discharge_history": [],
        "version": "0",
        **said,
    }


def package(number: int, provider: str = "Oakfield Homecare") -> dict[str, Any]:
    """A care package that was approved."""
    return {
        "package_id": f"k-{number}",
        "source": "lbb-webhook",
        "ref": f"LBB-P-{number:04d}",
        "state": "approved",
        "since": ago(20),
        "service_type": "homecare",
        "component": "home care",
        "provider": provider,
        "first_call_at": ago(-214),
        "unknown_since": None,
    }


def transfer(number: int, **said: Any) -> dict[str, Any]:
    """A transfer line."""
    return {
        "view": "transfer",
        "person_key": key(number),
        "spell_id": f"s-{number}",
        "packages": [],
        "tasks": [],
        "support": [],
        "notices": [],
        "told": [],
        "must_retract": [],
        "documents": [],
        "next_step": {
            "owner": ("hospital", "hub", "council", "community")[number % 4],
            "what": "arrange_package",
            "since": ago(300),
            "due": ago(-200),
        },
        "waiting": [],
        "preferred_places": [],
        "unpaid_carer": None,
        "why": [
            {
                "owner": "hospital",
                "reason": {"raw": "TTO", "code": "HP5"},
                "group": "hospital_process",
                "from": ago(60 * number + 5),
                "to": ago(60),
                "minutes": 60 * number - 55,
            },
            {"owner": "council", "reason": None, "group": None, "from": ago(60), "to": None, "minutes": None},
        ],
        "priority": {"kind": None},
        "duty_to_refer": None,
        "freshness": [
            {"source": "pruh-adt", "heard_at": ago(1), "stale": None},
            {"source": "lbb-webhook", "heard_at": ago(46), "stale": None},
        ],
        "version": "0",
        **said,
    }


def told() -> dict[str, Any]:
    """Four were told, three know that it is no longer so."""
    names = ("lbb", "oakfield", "bromley-well", "gp")
    notices = [_notice(name, None, "acknowledged", ago(14), ago(13)) for name in names]
    notices += [_notice(name, "x", "acknowledged", ago(5), ago(3)) for name in names[1:]]
    notices.append(_notice("lbb", "x", "sent", ago(5), None))
    left = {
        "recipient": "lbb",
        "fact": "discharged",
        "told_at": ago(14),
        "since": ago(5),
        "notice_id": "n-lbb-None",
        "retraction_id": "n-lbb-x",
        "state": "sent",
    }
    return {"notices": notices, "must_retract": [left]}


def _notice(name: str, retracts: str | None, state: str, sent: str, acked: str | None) -> dict[str, Any]:
    return {
        "notice_id": f"n-{name}-{retracts}",
        "recipient": name,
        "fact": "discharged",
        "about": "s-2",
        "retracts": retracts and f"n-{name}-None",
        "state": state,
        "sent_at": sent,
        "acked_at": acked,
        "how": "webhook",
    }


def identified(number: int, family: str = "", given: str = "", rank: int = 3, **said: Any) -> dict[str, Any]:
    """A `PersonIdentified` record."""
    ids = [
        {"system": "NHS", "authority": "", "value": number_of(number), "status": "01"},
        {"system": "MRN", "authority": "RJZ", "value": f"MRN{number}", "status": ""},
    ]
    return {
        "partner": "pruh-adt",
        "person_key": key(number),
        "number_rank": rank,
        "recorded_at": AT,
        "ids": ids,
        "family": family or SURNAMES[number % 10],
        "given": given or f"Person{number}",
        "birth_date": "1942-03-14",
        "postcode": "BR2 9JX",
        **said,
    }


def number_of(number: int) -> str:
    """A number of the test range that passes its check."""
    for candidate in range(999_000_000 + number * 7, 999_999_999):
        check = 11 - sum(int(d) * (10 - n) for n, d in enumerate(str(candidate))) % 11
        if check != 10:
            return f"{candidate}{check % 11}"
    raise AssertionError(number)


@dataclass
class Sent:
    """An outbox that keeps what it is given."""

    events: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    fails: Exception | None = None

    async def send(self, kind: str, fields: Mapping[str, str | None]) -> None:
        """Keep it, or fail as told."""
        if self.fails is not None:
            raise self.fails
        self.events.append((kind, dict(fields)))


def put(projection: Projection, number: int, *rows: dict[str, Any]) -> None:
    """One person's view."""
    texts = [json.dumps(row, separators=(",", ":")) for row in rows]
    record = {
        "person_key": key(number),
        "status": "alive",
        "merged_into": rows[0].get("merged_into"),
        "received_through": AT,
        "version": 1,
        "lines": texts,
    }
    projection.apply("TransferView", key(number), record)


def projection_of(people: int) -> Projection:
    """`people` of the place who wait, and one each in every state that is special."""
    found = Projection()
    found.apply("PersonIdentified", key(2), identified(2, "Marlow", "Edith"))
    found.apply("PersonIdentified", key(3), identified(3, "Marlow", "Edna"))
    for number in range(2, people + 2):
        if number > 3:
            found.apply("PersonIdentified", key(number), identified(number))
        put(found, number, *_lines(number))
    for partner, minutes in (("pruh-adt", 1), ("hub-list", 5), ("lbb-webhook", 46), ("bwell-webhook", 12)):
        found.apply("FeedHeard", partner, {"partner": partner, "heard_at": AT - minutes * MINUTE})
    refusal = {
        "quarantine_id": "q1",
        "partner": "pruh-adt",
        "sha256": "ab" * 32,
        "message_id": "M1",
        "reason": "BAD_DATE",
        "where": "PID-7",
    }
    found.apply("Quarantined", "q1", refusal)
    found.complete_to = AT - 3_000_000
    return found


def _lines(number: int) -> list[dict[str, Any]]:
    """2 was told otherwise; 3 may be 900, whom a charity knows; 4 is restricted; 5 frozen; 6 lives elsewhere;
    7 left; 8 is not ready; the rest wait.
    """
    mine = {"packages": [package(number)] if number % 2 == 0 else []}
    special: dict[int, list[dict[str, Any]]] = {
        2: [person(2), spell(2), transfer(2, **mine, **told(), support=[support(2)])],
        3: [person(3, candidate_links=[candidate(900)]), spell(3), transfer(3)],
        4: [person(4, restricted=True), spell(4), transfer(4, **mine)],
        5: [
            {"view": "person", "person_key": key(5), "state": "parked", "frozen_since": ago(90), "unread": 3},
            spell(5),
            transfer(5),
        ],
        6: [
            person(6),
            spell(
                6,
                responsible={
                    "council": ELSEWHERE,
                    "icb": "QKK",
                    "hub": "greenwich-hub",
                    "basis": "address",
                    "since": ago(6000),
                    "claims": [],
                },
                flags=["out_of_area"],
            ),
            transfer(6),
        ],
        7: [person(7), spell(7, status="discharged", discharged_at=ago(40), ready=[]), transfer(7, **mine)],
        8: [person(8), spell(8, ready=[], discharge_ready_at=None), transfer(8, why=[])],
    }
    return special.get(number) or [person(number), spell(number), transfer(number, **mine)]


def support(number: int) -> dict[str, Any]:
    """An offer of Bromley Well with consent."""
    return {
        "support_id": f"v-{number}",
        "source": "bwell-webhook",
        "ref": f"BW-S-{number:04d}",
        "state": "accepted",
        "since": ago(13),
        "service": "settle at home",
        "planned_at": ago(-300),
        "visited_at": None,
        "consent": "given",
        "unknown_since": None,
    }


def candidate(number: int, state: str = "proposed") -> dict[str, Any]:
    """A candidate link."""
    return {"person_key": key(number), "reason": "name_dob_postcode", "score": 90, "state": state}


def site_of(people: int = 12, audit: Path | None = None, reader: Reader | None = OPERATOR) -> Site:
    """A board with everybody's account."""
    projection = projection_of(people)
    theirs = identified(900, "Marlow", "Edith", rank=1, partner="bwell-webhook")
    projection.apply("PersonIdentified", key(900), theirs)
    alone = [
        person(900, candidate_links=[candidate(3)]),
        transfer(900, spell_id=None, support=[support(900)]),
    ]
    put(projection, 900, *alone)
    silence = {name: partner.silence_minutes for name, partner in PLACE.partners.items()}
    board = Board(projection, FakeClock(AT), silence, lambda: True, reader)
    accounts = {name: Account(name, reads, HASHED) for name, reads in DESKS.items()}
    site = Site(board, PLACE, accounts, Audit(audit), Sent())
    board.door = site
    return site


def app_of(site: Site) -> FastAPI:
    """The whole application."""
    return add_pages(make_app(site.board), site)


class Browser:
    """Somebody at a browser without JavaScript: cookies, forms, redirects seen."""

    def __init__(self, site: Site) -> None:
        self.site = site
        transport = httpx.ASGITransport(app=app_of(site))
        self._loop = asyncio.new_event_loop()
        self._client = httpx.AsyncClient(transport=transport, base_url="http://board")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()

    def get(self, path: str, **headers: str) -> httpx.Response:
        """One page."""
        return self._loop.run_until_complete(self._client.get(path, headers=headers))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        """One form, as it stands."""
        return self._loop.run_until_complete(self._client.post(path, data=dict(fields), headers=headers))

    def submit(self, page: str, path: str, **fields: str) -> httpx.Response:
        """A form of a page, with its token."""
        return self.post(path, {"form": form_token(self.get(page).text), **fields})

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Through the form."""
        return self.submit("/sign-in", "/sign-in", name=name, password=password)


def form_token(html: str) -> str:
    """The token of the page's first form."""
    return html.split('name="form" value="', 1)[1].split('"', 1)[0]
