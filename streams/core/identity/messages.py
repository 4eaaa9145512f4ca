"""What keys tell each other over the internal topic: msgpack, tagged by the first element. Nobody outside the
fold reads it.

Every message may arrive late, twice or out of order; each is written so that this does not matter.
"""
from __future__ import annotations

from typing import NamedTuple

import msgspec

from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.reasons import Reason
from streams.core.identity.links import LinkSet, Verdict
from streams.core.identity.restriction import Entries
from streams.core.identity.routes import Path

MOST_FACTS = 64
"""Facts in one message; keeps a forward far below the broker's batch limit."""


class Contribute(msgspec.Struct, frozen=True, array_like=True, tag="facts"):
    """Facts that belong to the receiver as long as every key of `path` points to the next. `ask`: answer with
    a `Receipt`.
    """

    origin: str
    local: str | None
    path: Path
    facts: tuple[Fact, ...]
    ask: bool = False


class Links(msgspec.Struct, frozen=True, array_like=True, tag="links"):
    """Everything known of where `source` points."""

    source: str
    links: LinkSet


class Follow(msgspec.Struct, frozen=True, array_like=True, tag="follow"):
    """The sender holds something of the receiver and wants to hear where it points, now and from now on."""

    follower: str


class Claims(msgspec.Struct, frozen=True, array_like=True, tag="claims"):
    """The claims at a number's key, for a record whose verdict there changed."""

    number: str
    verdict: Verdict


class Restrict(msgspec.Struct, frozen=True, array_like=True, tag="restrict"):
    """Restrictions held by a neighbour, sent ahead of its facts; it then wants to hear ours."""

    neighbour: str
    entries: Entries


class Receipt(msgspec.Struct, frozen=True, array_like=True, tag="receipt"):
    """The survivor has so many of the facts that came through the receiver, and has published them."""

    holder: str
    held: int


class Tag(msgspec.Struct, frozen=True, array_like=True, tag="tag"):
    """A record that bears the receiver's match tag, or gives the receiver's number without verification."""

    record: str
    reason: str


class Propose(msgspec.Struct, frozen=True, array_like=True, tag="propose"):
    """The receiver and `other` may be one person; a human decides. `via`: the tag or number both bear."""

    other: str
    reason: str
    via: str = ""


class Crowd(msgspec.Struct, frozen=True, array_like=True, tag="crowd"):
    """So many bear the tag or number `via` that it tells nobody apart: what it proposed is void."""

    via: str
    reason: str


Message = Contribute | Links | Follow | Claims | Restrict | Receipt | Tag | Propose | Crowd


class Addressed(NamedTuple):
    """A message and the key it goes to."""

    to: str
    message: Message


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """The wire form of a message."""
    return _encoder.encode(message)


def decode(payload: bytes) -> Message:
    """The message of a payload. Raises ContractViolation UNDECODABLE, without the payload."""
    try:
        return _decoder.decode(payload)
    except msgspec.MsgspecError:
        raise ContractViolation(Reason.UNDECODABLE) from None
