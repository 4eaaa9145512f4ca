"""What is known of where one record points: links, human decisions, verdicts on its number; all of it a set
that only grows.

In: `PersonsLinked`, `MatchDecided` and `MatchUndone` facts in any order. Out: a `Stance`: the key the record
points to now. Human decisions outrank merges, merges outrank numbers, so that a late message repeating "local
record -> number" never undoes a merge (design.md §5). Only the record's own key writes its `LinkSet`; every
other key holds copies.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from schemas.fact import Fact
from streams.core.facts.select import WITHDRAWN
from streams.core.identity.claims import At, Claim, at_of, refused

NUMBER, MERGE, HUMAN = 1, 2, 3
_RANK = {"number": NUMBER, "merge": MERGE, "superseded": MERGE, "unlink": MERGE}
LINK_KINDS = frozenset({"PersonsLinked", "MatchDecided", "MatchUndone"})


class Link(msgspec.Struct, frozen=True, array_like=True):
    """Newest assertion of one target in one class; target None = points nowhere."""

    rank: int
    target: str | None
    at: At
    number_rank: int = 0
    dob_tag: str | None = None
    void: bool = False
    """A newer translation of the message no longer says so, or an unlink of the two is newer."""


class Decision(msgspec.Struct, frozen=True, array_like=True):
    """A human's word on this record and another. `word`: same | not_same | unsure | undone."""

    other: str
    word: str
    survivor: str | None
    at: At


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """The claims at one number as its key last sent them; versions of one number are ordered by their only
    writer.
    """

    version: int
    claims: tuple[Claim, ...]


class Stance(msgspec.Struct, frozen=True):
    """What a `LinkSet` amounts to."""

    governs: bool
    """It says something about where the record belongs, so facts written under it follow it (the wrong-number
    correction).
    """
    target: str | None
    """Where it points; None = stands alone."""
    rank: int
    at: At | None
    number: str | None
    """Target of its newest number link, followed or not; None when that says "none" or there is none."""
    claims_number: bool
    """Whether the record still claims `number`: not where a human said it is someone else."""
    numbered: bool
    """Whether it ever had a number link."""
    number_rank: int
    dob_tag: str | None
    refused_by: frozenset[str]
    """Numbers that refuse it."""
    refuses: frozenset[str]
    """Records it refuses, being a number."""
    print: bytes
    """Equal where nothing that matters to other keys has changed: re-asserting a link sends nothing."""


class LinkSet(msgspec.Struct):
    """The compacted set: newest link per (class, target), newest decision and newest doubt per other key,
    newest verdict per number.
    """

    links: dict[str, Link] = {}
    decisions: dict[str, Decision] = {}
    doubts: dict[str, Decision] = {}
    verdicts: dict[str, Verdict] = {}
    targets: set[str] = set()
    """Every key it was ever said to be, followed or not: restrictions stay where they came by a link."""

    def add(self, fact: Fact) -> bool:
        """Take a link fact about `fact.key`; says whether anything changed."""
        if fact.kind == "PersonsLinked":
            rank, target = _RANK.get(fact.body.get("basis", ""), 0), fact.body.get("target_key")
            if not rank or target == fact.key:
                return False  # an unknown basis joins nobody, a record merged into itself says nothing
            link = _link_of(fact, rank, target)
            # What is only said to be apart was never said to be one.
            return (not parts(fact) and self._ever(target)) | self._link(link)
        word = fact.body.get("decision", "") if fact.kind == "MatchDecided" else "undone"
        other = fact.body.get("other_key")
        if other is None or word not in ("same", "not_same", "unsure", "undone"):
            return False
        survivor = fact.body.get("survivor_key")
        new = word == "same" and survivor != fact.key and self._ever(survivor)
        return self._decide(Decision(other, word, survivor, at_of(fact))) or new

    def repeats(self, fact: Fact) -> bool:
        """Whether a link fact only says again, later, what the newest link of its class says: every stance
        stays as it is but for how new it is.
        """
        if fact.kind != "PersonsLinked":
            return False
        rank, target = _RANK.get(fact.body.get("basis", ""), 0), fact.body.get("target_key")
        old = self.links.get(f"{rank}{target or ''}")
        if old is None or old != msgspec.structs.replace(_link_of(fact, rank, target), at=old.at):
            return False
        return all(link.at <= old.at for link in self.links.values() if link.rank == rank)

    def _ever(self, target: str | None) -> bool:
        if target is None or target in self.targets:
            return False
        self.targets.add(target)
        return True

    def _link(self, link: Link) -> bool:
        key = f"{link.rank}{link.target or ''}"
        old = self.links.get(key)
        if old is not None and old.at >= link.at:
            return False
        self.links[key] = link
        return True

    def _decide(self, decision: Decision) -> bool:
        table = self.doubts if decision.word == "unsure" else self.decisions
        old = table.get(decision.other)
        if old is not None and old.at >= decision.at:
            return False
        table[decision.other] = decision
        return True

    def hear(self, number: str, verdict: Verdict) -> bool:
        """Take the claims a number's key sent; says whether they are newer."""
        old = self.verdicts.get(number)
        if old is not None and (old.version, old.claims) >= (verdict.version, verdict.claims):
            return False
        self.verdicts[number] = verdict
        return True

    def merge(self, other: LinkSet) -> bool:
        """Union with another copy of the same record's set; says whether anything changed."""
        changed = [self._link(link) for link in other.links.values()]
        changed += [self._decide(d) for table in (other.decisions, other.doubts) for d in table.values()]
        changed += [self.hear(number, verdict) for number, verdict in other.verdicts.items()]
        changed += [self._ever(target) for target in other.targets]
        return any(changed)

    def __bool__(self) -> bool:
        return bool(self.links or self.decisions or self.doubts or self.verdicts or self.targets)

    def copy(self) -> LinkSet:
        """A copy that later facts do not change."""
        links, decisions, doubts = dict(self.links), dict(self.decisions), dict(self.doubts)
        return LinkSet(links, decisions, doubts, dict(self.verdicts), set(self.targets))

    def decided(self, other: str) -> Decision | None:
        """The decision that stands about another key; a doubt counts only where nothing else stands and it is
        newer.
        """
        decision, doubt = self.decisions.get(other), self.doubts.get(other)
        if decision is not None and decision.word != "undone":
            return decision
        if doubt is not None and (decision is None or doubt.at > decision.at):
            return doubt
        return None


def parts(fact: Fact) -> bool:
    """Whether a link fact parts two records (A37), rather than taking back every merge of one."""
    return fact.body.get("basis") == "unlink" and fact.body.get("target_key") is not None


def _link_of(fact: Fact, rank: int, target: str | None) -> Link:
    void = WITHDRAWN in fact.flags or parts(fact)
    return Link(rank, target, at_of(fact), fact.number_rank, fact.dob_tag, void)


def _newest(links: Iterable[Link]) -> Link | None:
    return max(links, key=_at, default=None)


def _at(link: Link) -> At:
    return link.at


def _print(*parts: object) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(parts), digest_size=8).digest()


NOTHING = Stance(False, None, 0, None, None, False, False, 0, None, frozenset(), frozenset(), b"")


def stance_of(key: str, known: LinkSet | None) -> Stance:
    """Where the record `key` points, going by what is known of it.

    Human class: the newest `same` that names another survivor. Merge class: the newest merge that is newer
    than any unlink and not denied by a human. Number class: its newest number only, and only while neither a
    human nor the dates of birth refuse it: a record has one number at a time, so an older one never comes
    back.
    """
    if not known:
        return NOTHING
    links = [link for link in known.links.values() if not link.void]
    denied = {d.other for d in known.decisions.values() if d.word == "not_same"}
    verdicts = {number: refused(verdict.claims) for number, verdict in known.verdicts.items()}
    refuses = verdicts.pop(key, frozenset())
    refused_by = frozenset(number for number, out in verdicts.items() if key in out)
    human = _newest(
        Link(HUMAN, d.survivor, d.at) for d in known.decisions.values()
        if d.word == "same" and d.survivor not in (None, key)
    )
    unlink = _newest(link for link in links if link.rank == MERGE and link.target is None)
    merge = _newest(
        link for link in links
        if link.rank == MERGE and link.target and link.target not in denied
        and (unlink is None or link.at > unlink.at)
    )
    number = _newest(link for link in links if link.rank == NUMBER)
    claims = number is not None and number.target is not None and number.target not in denied
    joins = number if number is not None and claims and number.target not in refused_by else None
    chosen = human or merge or joins
    target, rank, at = (chosen.target, chosen.rank, chosen.at) if chosen else (None, 0, None)
    governs = bool(links or denied or human or refused_by)
    seen = (number.target, number.number_rank, number.dob_tag) if number else (None, 0, None)
    numbered = number is not None
    words = sorted((d.other, d.word) for t in (known.decisions, known.doubts) for d in t.values())
    sets = (sorted(refused_by), sorted(refuses), sorted(known.targets), words)
    mark = _print(governs, target, rank, seen, claims, numbered, *sets)
    return Stance(governs, target, rank, at, seen[0], claims, numbered, *seen[1:], refused_by, refuses, mark)
