"""Pages of a desk that were just worked out: two hundred screens of one desk ask for the same list within a
second of every change.

In: a page rendered with marks where it names a session, and whom it shows. Out: the same page for another
session of the same reader, for as long as nothing has changed and some seconds at most; the page says what
time it is as at. Who is shown it is written down each time, as ever.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from markupsafe import escape

KEPT_SECONDS: Final = 5.0
KEPT_MOST: Final = 64


class Kept(NamedTuple):
    """One page, until when (monotonic seconds), and whom it shows."""

    text: str
    people: Sequence[str]
    until: float


@dataclass
class KeptPages:
    """The pages of one process."""

    account: str = field(default_factory=lambda: secrets.token_hex(16))
    """Stands in a kept page for the account's name; nobody can guess it, so nobody's data says it."""
    form: str = field(default_factory=lambda: secrets.token_hex(16))
    """Stands for the form token."""
    _news: str = ""
    _kept: dict[Hashable, Kept] = field(default_factory=dict)

    def find(self, key: Hashable, news: str, now: float) -> Kept | None:
        """A page, if it is as good as new."""
        if news != self._news:
            self._kept, self._news = {}, news
        found = self._kept.get(key)
        return found if found is not None and now < found.until else None

    def keep(self, key: Hashable, news: str, now: float, text: str, people: Sequence[str]) -> None:
        """Keep a page that was begun at `news`."""
        if news == self._news:
            while len(self._kept) >= KEPT_MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = Kept(text, people, now + KEPT_SECONDS)

    def filled(self, text: str, account: str, form: str) -> str:
        """The page of one session."""
        return text.replace(self.account, str(escape(account))).replace(self.form, form)
