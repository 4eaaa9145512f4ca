"""The state of one key, and what each fact or message adds to it.

In: facts published under the key, messages from other keys. Out: a state that only grows, so that order and
repetition do not matter; `exchange.py` says what it owes to other keys, `view.py` what it shows. Every key
has one: a number, a local record, a match tag.
"""
from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.reasons import Reason
from streams.core.alerts.book import Book
from streams.core.facts.journal import Journal
from streams.core.identity.claims import Claim, claim_of, claims_here
from streams.core.identity.links import LINK_KINDS, LinkSet
from streams.core.identity.matching import borne, crowd, proposal, seen
from streams.core.identity.messages import (
    Claims,
    Contribute,
    Crowd,
    Follow,
    Links,
    Message,
    Propose,
    Receipt,
    Restrict,
    Tag,
)
from streams.core.identity.restriction import Restriction
from streams.core.identity.routes import Path, Routes, StreamId
from streams.core.state.bookkeeping import Sent, Shown

NAME_DOB_POSTCODE, UNVERIFIED_NUMBER, DOB_MISMATCH = "name_dob_postcode", "unverified_number", "dob_mismatch"
TAG_KEY = "t1:"
"""Prefix of the keys of match tags."""


class Stream:
    """One stream as its holder has it."""

    __slots__ = ("given", "id", "journal", "number")

    def __init__(self, stream: StreamId, number: int) -> None:
        self.id = stream
        self.number = number
        self.journal = Journal()
        self.given: dict[tuple[str, Path], int] = {}
        """(Receiver, path it was passed on by) -> entries of the log sent."""


class PersonState(msgspec.Struct):
    """Everything one key holds. Only `receive` and `take` add to it; only `exchange` and `view` change the
    bookkeeping.
    """

    key: str
    streams: dict[StreamId, Stream] = {}
    known: dict[str, LinkSet] = {}
    """Source -> what is known of where it points; this key's own entry is the original."""
    claims: dict[str, Claim] = {}
    """As a number: what the facts published here say of the records they were written under."""
    claims_version: int = 0
    restriction: Restriction = msgspec.field(default_factory=Restriction)
    inhabited: bool = False
    """Whether any fact was ever published under this key."""
    tags: dict[str, str] = {}
    """Key of a match tag or unverified number -> reason to propose."""
    bearers: dict[str, set[str]] = {}
    """As a tag or number: reason -> records that bear it."""
    late: set[tuple[str, str]] = set()
    """(Record, reason) that came to a tag already crowded: told so at the next exchange, never kept."""
    receipts: dict[str, int] = {}
    """As a retired key: survivor -> facts it confirmed."""
    asked: set[str] = set()
    """As a survivor: keys that wait for a receipt."""
    handed_to: str | None = None
    """Next hop that confirmed the handover."""
    sent: Sent = msgspec.field(default_factory=Sent)
    owed: set[str] = set()
    """Notices ever published as owed."""
    shown: Shown = msgspec.field(default_factory=Shown)
    buried: bool = False
    """Whether a tombstone was ever published: a total publish owes it again."""
    fresh: list[tuple[int, Fact]] = []
    """Entries not yet in a journal chunk: (number of the stream, fact)."""
    packed: int = 0
    """Bytes in the journal chunks written so far; the codec counts, `view` parks what grows too large."""
    tidied: int = 0
    """Bytes in the chunks when superseded words were last looked for."""
    sealed: dict[str, int] = {}
    """Thing sealed into its summary -> when; nothing more is taken on it (design.md §4 law 7)."""
    due: int = 0
    """When to look whether anything can be sealed; 0 = not known yet."""
    alerts: Book = msgspec.field(default_factory=Book)
    routes: Routes | None = None
    """Remembered answers about `known`; not part of the state."""
    knowledge: int = 1
    """Raised by whatever may change where anything goes or who must hear of it: everything but one more fact
    in a stream. Not part of the state, as are the next two.
    """
    settled: int = 0
    """The `knowledge` at which nothing but facts was owed to other keys."""
    rewrite: bool = False
    """Whether the journal said less than the chunks written so far: they are written anew."""
    grown: set[int] = set()
    """Numbers of the streams that were given facts since the last exchange."""

    def stream(self, stream: StreamId) -> Stream:
        """The stream of that id, made on first use."""
        found = self.streams.get(stream)
        if found is None:
            found = self.streams[stream] = Stream(stream, len(self.streams))
            self.knowledge += 1
        return found

    def links(self, source: str) -> LinkSet:
        """What is known of a source, to be added to."""
        self.knowledge += 1
        self.map().forget(source)
        found = self.known.get(source)
        if found is None:
            found = self.known[source] = LinkSet()
        return found

    def map(self) -> Routes:
        """Where everybody known here points; kept between settlings, since most facts link nobody."""
        if self.routes is None:
            self.routes = Routes(self.known)
        return self.routes

    def keep(self, stream: Stream, fact: Fact) -> bool:
        """Put a fact into a stream; says whether it was news."""
        before = len(stream.journal)
        kept = stream.journal.add(fact)
        if kept is not None:
            self.fresh.append((stream.number, kept))
            self.grown.add(stream.number)
            self.alerts.heard(stream.number, kept, replaced=len(stream.journal) == before)
        return kept is not None

    def take(self, fact: Fact) -> bool:
        """Add a fact published under this key; says whether the state changed. Raises ContractViolation
        TARGET_SEALED for one that came after what it names was sealed.
        """
        if self.sealed and (since := sealed_since(self.sealed, fact)) is not None:
            if fact.received_at > since:
                raise ContractViolation(Reason.TARGET_SEALED, "/thing")
            return False  # received before: the summary was made of it
        changed = not self.inhabited
        if changed:
            self.inhabited, self.knowledge = True, self.knowledge + 1
        if claims_here(fact):
            changed |= self._claim(claim_of(fact))
        if fact.kind in LINK_KINDS:
            return self._link(fact) or changed
        if fact.kind == "PersonErased":
            self.knowledge += 1
            return self.restriction.erase(fact) or changed
        stream = self.stream(StreamId(self.key, fact.local if fact.local != self.key else None, ()))
        if fact.kind == "PersonTagged":
            if self._tagged(fact):
                self.knowledge, changed = self.knowledge + 1, True
            return (not len(stream.journal) and self.keep(stream, seen(fact))) or changed
        if fact.kind == "PersonFlagged":
            self.knowledge += 1
            changed |= self.restriction.add(fact)
        return self.keep(stream, fact) or changed

    def _claim(self, claim: Claim) -> bool:
        old = self.claims.get(claim.local)
        new = claim if old is None else old.joined(claim)
        self.claims[claim.local] = new
        if old is None or (old.rank, old.tag) != (new.rank, new.tag):
            self.knowledge += 1
        return new is not old

    def _link(self, fact: Fact) -> bool:
        """Most links repeat the one that is followed: then nothing is owed to anybody, unless in a cycle,
        where the newest link names the survivor.
        """
        known, routes = self.known.get(self.key), self.map()
        if known is not None and known.repeats(fact) and not routes.cycle(self.key):
            changed = known.add(fact)
            routes.renew(self.key, known)
            return changed
        return self.links(self.key).add(fact)

    def _tagged(self, fact: Fact) -> bool:
        before = len(self.tags)
        self.tags.update({TAG_KEY + tag: NAME_DOB_POSTCODE for tag in fact.body.get("match_tags") or ()})
        number = fact.body.get("unverified_number_key")
        if number and number != self.key:
            self.tags[number] = UNVERIFIED_NUMBER
        return len(self.tags) > before

    def receive(self, message: Message) -> bool:
        """Add what another key says; says whether the state changed or an answer is owed."""
        if isinstance(message, Contribute):
            return self._contributed(message)
        self.knowledge += 1
        match message:
            case Links(source, links):
                return self.links(source).merge(links)
            case Follow(follower):
                return _missing(self.sent.told.setdefault(self.key, {}), follower)
            case Claims(number, verdict):
                return self.links(self.key).hear(number, verdict)
            case Restrict(neighbour, entries):
                return _missing(self.sent.restricted, neighbour) | self.restriction.merge(entries)
            case Receipt(holder, held):
                old = self.receipts.get(holder, -1)
                self.receipts[holder] = max(old, held)
                return held > old
            case Tag(record, reason):
                return borne(record, reason, self.bearers.setdefault(reason, set()), self.late)
            case Propose(other, reason, via):
                return self._proposed(proposal(self.key, other, reason, via))
            case Crowd(via, reason):
                return self._proposed(crowd(self.key, via, reason))

    def _proposed(self, fact: Fact) -> bool:
        """Keep a word about matches of this record, in a stream of its own."""
        return self.keep(self.stream(StreamId(self.key, self.key, ())), fact)

    def _contributed(self, said: Contribute) -> bool:
        into = self.stream(StreamId(said.origin, said.local, said.path))
        if said.local == said.origin:
            self.knowledge += 1  # matches were proposed
        news = [self.keep(into, fact) for fact in said.facts]
        if said.ask:
            self.asked.add(said.path[-1])
        return said.ask or any(news)


def sealed_since(sealed: Mapping[str, int], fact: Fact) -> int | None:
    """When what a fact is about, or makes another thing part of, was sealed."""
    return sealed.get(fact.thing, sealed.get(str(fact.body.get("into_spell"))))


def _missing(told: dict[str, bytes], to: str) -> bool:
    """Note that `to` must be told; says whether that is new."""
    if to in told:
        return False
    told[to] = b""
    return True
