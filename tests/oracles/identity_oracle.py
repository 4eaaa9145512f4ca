"""A central oracle of identity: sees every fact at once and says who is one person. Shares no code with
`streams/core`.

In: facts. Out: survivor key -> ids of the facts it holds, refused records by number, restricted keys. Slow
and plain on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from schemas.fact import Fact

LINKS = {"PersonsLinked", "MatchDecided", "MatchUndone"}
CLASS = {"number": 1, "merge": 2, "superseded": 2, "unlink": 2}


def when(fact: Fact) -> tuple:
    return (fact.recorded_at, fact.sequence, fact.id, fact.revision)


def _same(one: Fact, other: Fact) -> bool:
    return one.body["target_key"] == other.body["target_key"]


class Oracle:
    """The truth about a finished set of facts."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = list(facts)
        self.about = defaultdict(list)
        for fact in self.facts:
            if fact.kind == "PersonsLinked" and (
                fact.body["target_key"] == fact.key or fact.body["basis"] not in CLASS
            ):
                continue
            self.about[fact.key].append(fact)
        self.words = {key: self._words(facts) for key, facts in self.about.items()}

    # -- human decisions

    def _words(self, facts):
        newest = {}
        for fact in facts:
            word = (
                fact.body.get("decision")
                if fact.kind == "MatchDecided"
                else "undone"
                if fact.kind == "MatchUndone"
                else None
            )
            if word in (None, "unsure"):
                continue
            other = fact.body["other_key"]
            if other not in newest or when(fact) > when(newest[other]):
                newest[other] = fact
        return newest

    def said(self, key, word):
        return [
            f
            for f in self.words.get(key, {}).values()
            if f.kind == "MatchDecided" and f.body["decision"] == word
        ]

    def denied(self, key):
        return {f.body["other_key"] for f in self.said(key, "not_same")}

    # -- links

    def links(self, key, rank):
        return [
            f for f in self.about.get(key, ()) if f.kind == "PersonsLinked" and CLASS[f.body["basis"]] == rank
        ]

    def unparted(self, links):
        """What stays of the links of a record when those to a target are gone that a newer parting names.

        A parting itself says nothing else: it is as if the two had never been linked.
        """
        parted = [f for f in links if f.body["basis"] == "unlink" and f.body["target_key"] is not None]
        return [
            f
            for f in links
            if f not in parted
            and (CLASS[f.body["basis"]] == 1 or all(when(f) > when(p) for p in parted if _same(f, p)))
        ]

    def number(self, key):
        """Newest number link of a record."""
        return max(self.links(key, 1), key=when, default=None)

    def edge(self, key):
        """(class, order, target) of where a record points, or None."""
        human = [f for f in self.said(key, "same") if f.body["survivor_key"] not in (None, key)]
        if human:
            best = max(human, key=when)
            return 3, when(best), best.body["survivor_key"]
        merges = self.links(key, 2)
        unlinked = max((when(f) for f in merges if f.body["target_key"] is None), default=())
        merges = [
            f
            for f in self.unparted(merges)
            if f.body["target_key"] not in {None, *self.denied(key)} and when(f) > unlinked
        ]
        if merges:
            best = max(merges, key=when)
            return 2, when(best), best.body["target_key"]
        best = self.number(key)
        target = best.body["target_key"] if best else None
        if target is None or target in self.denied(key) or key in self.refused(target):
            return None
        return 1, when(best), target

    # -- dates of birth

    def claims(self, number):
        """local -> (rank, tag) of the records that claim the number now; "" = facts without a local key."""
        out = {}
        mine = [f for f in self.facts if f.key == number and f.local != number and (f.local or f.dob_tag)]
        for local in {f.local or "" for f in mine}:
            facts = [f for f in mine if (f.local or "") == local]
            dated = [f for f in facts if f.dob_tag]
            out[local] = (max(f.number_rank for f in facts), max(dated, key=when).dob_tag if dated else None)
        for source in list(self.about):
            link = self.number(source)
            if link is None or source == number:
                continue
            if link.body["target_key"] != number or number in self.denied(source):
                out.pop(source, None)
            elif source not in out:
                out[source] = (link.number_rank, link.dob_tag)
        return out

    def refused(self, number):
        claims = self.claims(number)
        dated = {local: claim for local, claim in claims.items() if claim[1]}
        if not dated:
            return set()
        top = max(rank for rank, _ in dated.values())
        tags = {tag for rank, tag in dated.values() if rank == top}
        if len(tags) == 1:
            out = {local for local, (_, tag) in dated.items() if tag not in tags}
        elif top == max(rank for rank, _ in claims.values()):
            out = set(claims) - {""}
        else:
            out = set(dated)
        return set(claims) - {""} if "" in out else out

    # -- persons

    def start(self, fact):
        local = fact.local
        if local is None or local == fact.key:
            return fact.key
        numbers = {f.key for f in self.facts} | {f.body.get("target_key") for f in self.facts}
        linked = [f for f in self.about.get(local, ()) if f.kind == "PersonsLinked"]
        speaks = self.unparted(linked) or self.denied(local)
        speaks = speaks or any(f.body["survivor_key"] not in (None, local) for f in self.said(local, "same"))
        return local if speaks or any(local in self.refused(n) for n in numbers if n != local) else fact.key

    def root(self, key):
        seen = [key]
        while edge := self.edge(seen[-1]):
            if edge[2] in seen:
                cycle = seen[seen.index(edge[2]) :]
                return max((*self.edge(k)[:2], k, self.edge(k)[2]) for k in cycle)[-1]
            seen.append(edge[2])
        return seen[-1]

    def filed(self, fact):
        """Records that a fact of a visit was moved to, from record to record; its own if they led back."""
        moves = [
            (f.body["source_key"], f.body["target_key"])
            for f in self.facts
            if f.kind == "SpellReassigned" and f.thing == fact.thing
        ]
        start = fact.local or fact.key
        if fact.kind == "SpellReassigned" and start == fact.body["target_key"]:
            return set()  # that it came to one record is nothing that happened to the next
        records, frontier = set(), {start}
        while frontier := {new for old, new in moves if old in frontier} - records:
            records |= frontier
        return records

    def persons(self):
        out = defaultdict(set)
        for fact in self.facts:
            if fact.kind not in {*LINKS, "PersonTagged"}:
                out[self.root(self.start(fact))].add(fact.id)
                for record in self.filed(fact):
                    out[self.root(record)].add(fact.id)
        return {key: frozenset(ids) for key, ids in out.items()}

    def restricted(self):
        """Keys reached by a restriction: it spreads over every link ever said, either way, standing or not.
        """
        near = defaultdict(set)
        for key, facts in self.about.items():
            for f in facts:
                same = f.kind == "MatchDecided" and f.body["decision"] == "same"
                target = f.body["survivor_key"] if same else f.body.get("target_key")
                if f.body.get("basis") == "unlink" or f.kind == "SpellReassigned":
                    continue
                if target not in (None, key):
                    near[key].add(target)
                    near[target].add(key)
        out = set()
        for key in {f.key for f in self.facts} | set(near):
            together, frontier = {key}, [key]
            while frontier:
                fresh = near[frontier.pop()] - together
                together |= fresh
                frontier += fresh
            flags = sorted(
                (f for f in self.facts if f.kind == "PersonFlagged" and f.key in together), key=when
            )
            newest = {(f.partner, f.local or f.key): f.body["restricted"] for f in flags}
            if any(newest.values()):
                out.add(key)
        return out
