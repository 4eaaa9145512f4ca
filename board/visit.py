"""One request to a page: who asks, what they may see, what is written down, and the page around it.

In: a request. Out: pages for whoever is signed in; everybody else is sent to sign in. A form counts only from
a page of the same session.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from board.access.sessions import Session
from board.app import heard
from board.people import Shown
from board.rendering import render
from board.site import REFUSED, Site, key_alone
from runtime.freshness import staleness, utc
from runtime.reader import Reader

FORM_BYTES_MAX: Final = 16_384


class NotSignedIn(Exception):
    """Whoever asks has to sign in first."""


class Refused(Exception):
    """Not for this reader, or not there: the page says which of the two only where it may."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True)
class Link:
    """A page in the navigation."""

    path: str
    title: str
    roles: tuple[str, ...]


@dataclass
class Visit:
    """Use `visit(site, request, link)`."""

    site: Site
    request: Request
    session: Session
    now: int
    news: str
    """How far the projection was when the page was begun."""

    @property
    def reader(self) -> Reader:
        """As whom they read."""
        return self.session.reader

    def people(self) -> list[Shown]:
        """Everybody the reader is shown; `read` writes down whom a page then shows."""
        return list(self.site.people.all(self.reader, self.now))

    def open_people(self) -> list[Shown]:
        """Those of them whose transfer is open, or closed within 30 days."""
        return list(self.site.people.open(self.reader, self.now))

    def person(self, key: str, what: str) -> Shown:
        """One person. Raises Refused, and writes it down, where the reader has nothing to do with them."""
        found = self.site.people.one(key, self.reader, self.now)
        if found is None:
            self.site.wrote(self.session, what, REFUSED, key_alone(key))
            raise Refused(404, "Nobody of yours is behind this address.")
        self.site.wrote(self.session, what, "shown", [key])
        return found

    def read(self, what: str, keys: Sequence[str]) -> None:
        """Write down whom a list shows."""
        self.site.wrote(self.session, what, "shown", keys, listed=True)

    def stale(self) -> Callable[[str], bool]:
        """Which sources are silent now."""
        board = self.site.board
        silent = {p for p, feed in board.projection.feeds.items() if feed["state"] == "silent"}
        late = staleness(heard(board), board.silence_minutes, self.now)
        return lambda source: source in silent or late(source)

    def kept(self, what: str) -> HTMLResponse | None:
        """The list of this address as another session of the desk was just shown it; whom it shows is written
        down. None: it has to be worked out, or there is a word for this session alone.
        """
        site = self.site
        found = site.kept.find(self._alike(), self.news, site.monotonic())
        if found is None or self._has_word():
            return None
        self.read(what, found.people)
        return self._filled(found.text)

    def keep(self, template: str, people: Sequence[str], **shown: Any) -> HTMLResponse:
        """A page of people, kept for the next session of the same desk."""
        if self._has_word():
            return self.page(template, **shown)
        site = self.site
        marks = {"account": site.kept.account, "form": site.kept.form}
        text = render(template, **(self._around() | marks), **shown)
        site.kept.keep(self._alike(), self.news, site.monotonic(), text, people)
        return self._filled(text)

    def _alike(self) -> tuple[object, ...]:
        """What two requests have in common that are answered alike, while nothing has changed."""
        board = self.site.board
        return (
            self.reader.name, self.request.url.path, self.request.url.query, board.ready(),
            board.projection.complete_to, tuple(filter(self.stale(), self.site.place.partners)),
        )  # fmt: skip

    def _filled(self, text: str) -> HTMLResponse:
        session = self.session
        return HTMLResponse(self.site.kept.filled(text, session.account.name, session.form_token()))

    def _has_word(self) -> bool:
        return bool(self.session.said) and LIVE_HEADER not in self.request.headers

    def page(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """A page with all that stands around it."""
        return HTMLResponse(render(template, **self._around(), **shown), status)

    def back(self, path: str, said: str = "") -> RedirectResponse:
        """To a page after a form, with a word for it."""
        self.session.said = said
        return RedirectResponse(path, 303)

    async def form(self) -> dict[str, str]:
        """The fields of a form of this session. Raises Refused."""
        fields = await read_form(self.request)
        if not same_origin(self.request) or not self.session.is_own(fields.pop("form", "")):
            self.site.wrote(self.session, "form", "refused: not from a page of this session")
            raise Refused(403, "This form is not from a page of your session. Go back, load the page again.")
        return fields

    def _said(self) -> str:
        """The word for this page; a page that fetches itself shows it still."""
        return "" if LIVE_HEADER in self.request.headers else self.session.take_said()

    def _around(self) -> dict[str, Any]:
        site, role = self.site, self.reader.role
        place = site.place
        feeds = site.board.projection.feeds
        stale = self.stale()
        known = [name for name in feeds if name in place.partners and place.partners[name].sector != "own"]
        return {
            "nav": [link for link in LINKS if role in link.roles], "path": self.request.url.path,
            "place": place.title, "account": self.session.account.name, "role": role,
            "organisation": self.reader.title or self.reader.name, "synthetic": site.synthetic,
            "now": self.now, "now_text": utc(self.now), "complete_to": utc(site.board.projection.complete_to),
            "ready": site.board.ready(), "said": self._said(), "form": self.session.form_token(),
            "silent": [(place.partners[n].title, utc(feeds[n]["heard_at"])) for n in sorted(known)
                       if stale(n)],
            "news": self.news,
        }  # fmt: skip


LINKS: list[Link] = []
"""Pages of the navigation, in order; `board/pages` fills it."""


LIVE_HEADER: Final = "homeward-live"
"""Of a page that fetches itself: nobody has touched it."""


def visit(site: Site, request: Request, link: Link) -> Visit:
    """Who asks for a page. Raises NotSignedIn, or Refused where the page is not for the role."""
    session = site.session(request, use=LIVE_HEADER not in request.headers)
    if session is None:
        raise NotSignedIn
    if session.reader.role not in link.roles or not session.reader.may_read(site.now()):
        site.wrote(session, link.title.lower(), "refused: not for the role")
        raise Refused(403, "This page is not for your role, or your organisation's agreement has ended.")
    return Visit(site, request, session, site.now(), site.news_id())


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name. Raises Refused: too large, or not a form."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES_MAX:
            raise Refused(413, "The form is too large.")
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise Refused(400, "This is not a form.") from None
    return {name: values[0].strip() for name, values in fields.items()}


def same_origin(request: Request) -> bool:
    """What the browser says of where a form comes from; one that says nothing is judged by its token."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    return site in ("same-origin", "none") and own
