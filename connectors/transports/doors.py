"""A partner's entrance over HTTP, without HTTP: signature, window, idempotency key and the status a verdict
is answered with.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from connectors.message import RawMessage
from connectors.verdict import NEVER_POSITIVE, Answer, Verdict
from runtime.clock import SECOND, Clock
from runtime.place import AckPolicy
from runtime.signatures import IDEMPOTENCY, verify
from schemas.reasons import MEANING, Reason

_STATUS = {
    Answer.ACCEPTED: 202,
    Answer.DUPLICATE: 200,
    Answer.OUT_OF_SCOPE: 202,
    Answer.REFUSED: 422,
    Answer.WRONG_PROCESSING_ID: 422,
    Answer.UNREADABLE: 400,
    Answer.TOO_LARGE: 413,
    Answer.UNAVAILABLE: 503,
}
_STATUS_BY_REASON = {
    Reason.NOT_JSON: 400,
    Reason.BAD_CHARSET: 400,
    Reason.BAD_SIGNATURE: 401,
    Reason.SIGNATURE_EXPIRED: 401,
    Reason.UNKNOWN_PARTNER: 404,
    Reason.REPLAYED: 409,
    Reason.TOO_LARGE: 413,
}
_KEYS_MAX = 100_000


class Turned(Exception):
    """A request turned away before it was a message: nothing of it is kept."""

    def __init__(self, reason: Reason, where: str = "") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.where = where


class IdempotencyKeys:
    """Which body each idempotency key came with; bounded, and warmed from the archive at start."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[str, str] = OrderedDict()

    def claim(self, key: str, sha256: str) -> bool:
        """Take a key for a body. True when it is new; raises Turned REPLAYED when it came with
        another body.
        """
        known = self._bodies.get(key)
        if known is not None and known != sha256:
            raise Turned(Reason.REPLAYED, "Idempotency-Key")
        self._bodies[key] = sha256
        while len(self._bodies) > _KEYS_MAX:
            self._bodies.popitem(last=False)
        return known is None

    def know(self, key: str, sha256: str) -> None:
        """Take up what the archive holds; the body first kept under a key keeps it."""
        self._bodies.setdefault(key, sha256)

    def release(self, key: str) -> None:
        """Forget a key whose message was not taken."""
        self._bodies.pop(key, None)


Prepare = Callable[[Mapping[str, str], bytes], tuple[bytes, str]]
"""Request headers and body to the bytes that are kept, and the message's id."""


def as_sent(headers: Mapping[str, str], body: bytes) -> tuple[bytes, str]:
    """The body is the message, the idempotency key its id."""
    return body, headers.get(IDEMPOTENCY, "")


@dataclass
class Door:
    """One partner's entrance. `secret` empty: nobody may enter (the reference points at nothing)."""

    partner: str
    secret: bytes = field(repr=False)
    receive: Callable[[RawMessage], Awaitable[Verdict]] = field(repr=False)
    policy: AckPolicy = field(default_factory=AckPolicy)
    window_seconds: int = 300
    prepare: Prepare = as_sent
    keys: IdempotencyKeys = field(default_factory=IdempotencyKeys)
    signatures: IdempotencyKeys = field(default_factory=IdempotencyKeys)
    """Which key a signature came with: the signed part does not cover the key, so one signature may use
    one key only.
    """

    async def enter(self, raw: RawMessage, signature: str) -> Verdict:
        """Take the message of a request whose signature stands (`judge`). Raises Turned REPLAYED."""
        if not raw.message_id:
            return await self.receive(raw)
        self.signatures.claim(signature, hashlib.sha256(raw.message_id.encode()).hexdigest())
        fresh = self.keys.claim(raw.message_id, raw.sha256)
        verdict = await self.receive(raw)
        if fresh and verdict.answer in NEVER_POSITIVE:
            self.keys.release(raw.message_id)
        return verdict


def judge(
    secret: bytes, timestamp: str, signature: str, body: bytes, clock: Clock, window_seconds: int
) -> None:
    """Raises Turned BAD_SIGNATURE or SIGNATURE_EXPIRED."""
    reason = (
        verify(secret, timestamp, signature, body, clock.now() / SECOND, window_seconds)
        if secret
        else "BAD_SIGNATURE"
    )
    if reason:
        raise Turned(
            Reason(reason), "Homeward-Signature" if reason == "BAD_SIGNATURE" else "Homeward-Timestamp"
        )


def status_of(verdict: Verdict, policy: AckPolicy) -> int:
    """HTTP status of a verdict: the partner's policy where it names a status, else ours. Never 2xx for
    what we do not hold.
    """
    if verdict.answer not in NEVER_POSITIVE and verdict.answer is not Answer.DUPLICATE:
        wanted = str(getattr(policy, verdict.answer.value))
        if wanted.isdigit():
            return int(wanted)
    if verdict.answer is Answer.REFUSED and verdict.reason in _STATUS_BY_REASON:
        return _STATUS_BY_REASON[Reason(verdict.reason)]
    return _STATUS[verdict.answer]


def problem(reason: str, where: str = "", status: int = 0) -> dict[str, str | int]:
    """The problem+json document (RFC 9457) of a refusal: the reason and its meaning, never a value."""
    meaning = MEANING[Reason(reason)] if reason else "Not taken now; send it again later."
    status = status or _STATUS_BY_REASON.get(Reason(reason), 422)
    found: dict[str, str | int] = {
        "type": "about:blank",
        "title": meaning,
        "status": status,
        "reason": reason,
    }
    return found | ({"where": where} if where else {})
