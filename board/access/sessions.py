"""Who is signed in: sessions held by this process alone, and their form tokens.

In: accounts that proved themselves, tokens of cookies, a time. Out: sessions until they are idle for too long
or too old. A token is kept as its digest: what the process holds signs nobody in.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from board.access.accounts import Account
from runtime.reader import Reader

IDLE_SECONDS: Final = 30 * 60
"""A screen left alone; live updates do not count as use."""
WALL_SECONDS: Final = 12 * 3600
"""The longest, whatever is done."""
MASK_BYTES: Final = 16


@dataclass
class Session:
    """One signed-in browser. `seen`: keys of people this session was shown, each named once in the audit."""

    account: Account
    reader: Reader
    began: float
    used: float
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(MASK_BYTES), repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    seen: set[str] = field(default_factory=set, repr=False)
    said: str = ""
    """A word for the next page: what became of the last form."""

    def form_token(self) -> str:
        """A token for a form; another text each time, so that compression tells nothing of the secret."""
        return masked(self.secret)

    def is_own(self, token: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(unmasked(token), self.secret)

    def take_said(self) -> str:
        """The word for this page, once."""
        said, self.said = self.said, ""
        return said


@dataclass
class Sessions:
    """All sessions. Times are seconds of a clock that never goes back."""

    _held: dict[bytes, Session] = field(default_factory=dict)

    def begin(self, account: Account, reader: Reader, now: float) -> tuple[str, Session]:
        """A new session and the token of its cookie."""
        token = secrets.token_urlsafe(32)
        self._forget_old(now)
        session = Session(account, reader, now, now)
        self._held[_digest(token)] = session
        return token, session

    def find(self, token: str, now: float, *, use: bool = True) -> Session | None:
        """The session of a cookie, if it still stands. `use`: somebody did something."""
        session = self._held.get(_digest(token))
        if session is None or not _stands(session, now):
            self._held.pop(_digest(token), None)
            return None
        if use:
            session.used = now
        return session

    def end(self, token: str) -> None:
        """Sign out."""
        self._held.pop(_digest(token), None)

    def _forget_old(self, now: float) -> None:
        self._held = {key: one for key, one in self._held.items() if _stands(one, now)}


def _stands(session: Session, now: float) -> bool:
    return now - session.used <= IDLE_SECONDS and now - session.began <= WALL_SECONDS


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def masked(secret: bytes) -> str:
    """A secret under a pad of its own."""
    pad = secrets.token_bytes(len(secret))
    return (pad + bytes(a ^ b for a, b in zip(pad, secret, strict=True))).hex()


def unmasked(token: str) -> bytes:
    """What `masked` hid; nothing of a text that is no token."""
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return b""
    half = len(raw) // 2
    return bytes(a ^ b for a, b in zip(raw[:half], raw[half : 2 * half], strict=True))
