"""What all pages stand on: the board's lines, who may sign in, the audit, the way out for what people decide.

In: parts made by `board/serve.py` (or by tests). Out: one object the pages share; the door of the read API.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from fastapi import Request

from board.access.accounts import Account
from board.access.limits import Attempts
from board.access.oidc import Oidc
from board.access.sessions import Session, Sessions
from board.app import Board
from board.bulletin import Bulletins
from board.history import History
from board.kept_pages import KeptPages
from board.people import People
from runtime.audit import Act, Audit
from runtime.place import Place
from runtime.reader import OPERATOR, Reader

COOKIE: Final = "homeward_session"
SECURE_COOKIE: Final = "__Host-homeward_session"
KEY: Final = r"p[0-9]+:[A-Z2-7]{26}"
_KEY = re.compile(f'"person_key":"({KEY})"')
_SHOWN: Final = "shown"


REFUSED: Final = "refused: nobody of theirs"


def key_alone(text: str) -> list[str]:
    """The person key that somebody asked for, if it is one: whatever else they typed stays out of the audit.
    """
    return [text] if re.fullmatch(KEY, text) else []


class Outbox(Protocol):
    """Where decisions and words of the hub go: the intake, as signed events of our own."""

    async def send(self, kind: str, fields: Mapping[str, str | None]) -> None:
        """Return once it is kept. Raises Transient, or Refused with the intake's reason."""


@dataclass
class Site:
    """The board as people use it. It is also the read API's door."""

    board: Board
    place: Place
    accounts: Mapping[str, Account]
    audit: Audit
    outbox: Outbox | None = None
    secure: bool = False
    """TLS stands in front: cookies are for it alone."""
    oidc: Oidc | None = None
    """An organisation's own sign-in."""
    monotonic: Callable[[], float] = time.monotonic
    history: History = field(default_factory=History)
    """What measures were on earlier days."""
    returns: Path = Path("returns")
    """Where drafts of returns are laid down."""
    bulletins: Bulletins = field(default_factory=Bulletins)
    kept: KeptPages = field(default_factory=KeptPages)
    sessions: Sessions = field(default_factory=Sessions)
    attempts: Attempts = field(default_factory=Attempts)
    people: People = field(init=False)
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    """Names this process in what pages say they know."""
    _api_seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.people = People(self.board.projection)

    @property
    def synthetic(self) -> bool:
        """No partner of the place is real."""
        return not any(one.real for one in self.place.partners.values())

    @property
    def cookie(self) -> str:
        """The session cookie's name."""
        return SECURE_COOKIE if self.secure else COOKIE

    def now(self) -> int:
        """The board's clock, µs."""
        return self.board.clock.now()

    def news_id(self) -> str:
        """How far the projection is, as an id that another process cannot mean."""
        return f"{self.run}-{self.board.projection.news.to}"

    def session(self, request: Request, *, use: bool = True) -> Session | None:
        """Who is signed in on this browser."""
        token = request.cookies.get(self.cookie, "")
        return self.sessions.find(token, self.monotonic(), use=use) if token else None

    def wrote(
        self, session: Session, what: str, outcome: str, people: Sequence[str] = (), *, listed: bool = False
    ) -> None:
        """Write down what a signed-in person did, saw or was refused. Raises OSError: then they see nothing.

        `listed`: each person is named the first time this session is shown them; later lines say how many.
        """
        new = [key for key in people if key not in session.seen] if listed else list(people)
        reader, who, shown = session.reader, session.account.name, outcome == _SHOWN
        count = len(people) if shown else 0
        act = Act(who, reader.role, reader.name, reader.purpose, what, outcome, new, count, session.id)
        self.audit.write(act, self.now())
        if shown:  # a refusal must not make news of them the reader's
            session.seen.update(people)

    def reader_of(self, request: Request) -> Reader | None:
        """The read API's: who asks."""
        found = self.session(request, use=False)
        return found.reader if found else None

    def note(self, request: Request, reader: Reader, view: str, lines: Sequence[str]) -> None:
        """The read API's: write down what is about to be shown, and who was asked for in vain."""
        people = list(dict.fromkeys(m[1] for m in map(_KEY.search, lines) if m))
        asked = request.query_params.get("person", "")
        shown = len(people)
        outcome = REFUSED if asked and not people else _SHOWN
        people = people or key_alone(asked)
        session = self.session(request, use=False)
        if session is not None:
            self.wrote(session, f"api {view}", outcome, people, listed=len(people) > 1)
            return
        new = [key for key in people if key not in self._api_seen]
        self._api_seen.update(new if shown else ())
        purpose = "operation" if reader == OPERATOR else reader.purpose
        act = Act("(configured)", reader.role, reader.name, purpose, f"api {view}", outcome, new, shown)
        self.audit.write(act, self.now())

    def refused(self, request: Request, view: str) -> None:
        """The read API's: write down that nobody was served."""
        self.audit.write(Act("(nobody)", "", "", "", f"api {view}", "refused: not signed in"), self.now())
