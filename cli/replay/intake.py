"""From raw messages to facts, offline: the same pipelines as live, with `received_at` found for each message
first.

In: sourced messages. Out: `Taken`: facts, refusals and the counts of the summary. Every line is a function
of the set of messages, so they are
taken in the order of (received_at, message id, digest), whatever order they came in; `in_order` keeps the
order given, for `homeward prove`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cli.replay.sources import Sourced
from connectors.duplicates import Window
from connectors.message import SealedEvent
from connectors.partners.registry import kind_of
from connectors.pipeline import Outcome, Pipeline
from runtime.errors import Misconfigured
from runtime.place import Place
from runtime.pseudonym import KeyRing
from schemas.catalogue import CAPACITY, PERSON_TOPICS
from schemas.codec import decode_fact, encode
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.figures import decode_figure

IDENTIFIED = "PersonIdentified"


@dataclass(frozen=True, slots=True)
class Refused:
    """One line of the quarantine view."""

    partner: str
    sha256: str
    message_id: str
    reason: str
    where: str
    file: str
    index: int


@dataclass
class Taken:
    """What the messages became."""

    facts: list[tuple[bool, list[Fact]]] = field(default_factory=list)
    """Facts by message, and whether it was counted as one accepted message."""
    refused: list[Refused] = field(default_factory=list)
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    heard: dict[str, int] = field(default_factory=dict)
    now: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    sourced: Sourced
    message_id: str
    as_at: int = 0
    """Of a full file: when it was made."""


def read_received(path: Path | None) -> dict[str, int]:
    """A `--received` file: JSON lines {sha256, received_at}, and `name` where files of one content are told
    apart by it; times ISO 8601 or µs. Of several times of one digest and name the first counts.
    """
    if path is None:
        return {}
    found: dict[str, int] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                key, at = noted(row["sha256"], row.get("name", "")), _micros(row["received_at"])
                found[key] = min(at, found.get(key, at))
        return found
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise Misconfigured(
            f"--received {path.name}: {type(exc).__name__}; lines are {{sha256, received_at}}"
        ) from None


def noted(sha256: str, name: str = "") -> str:
    """Under what a time received is noted: the digest, and the name of the file where there is one."""
    return f"{sha256}/{name}" if name else sha256


def _micros(value: Any) -> int:
    from runtime.clock import micros

    return value if isinstance(value, int) else micros(value.replace("Z", "+00:00"))


class Intake:
    """The pipelines of a place for one replay."""

    def __init__(
        self, place: Place, keys: KeyRing, received: Mapping[str, int], *, identifiable: bool = False
    ) -> None:
        self.place, self.keys, self.received, self.identifiable = place, keys, received, identifiable

    def take(self, messages: Iterable[Sourced], *, as_of: int | None = None, in_order: bool = False) -> Taken:
        """Take all messages received by `as_of`."""
        seen = self.looked(messages)
        if as_of is not None:
            seen = [s for s in seen if s.sourced.raw.received_at <= as_of]
        if not in_order:
            seen.sort(key=lambda s: (s.sourced.raw.received_at, s.message_id, s.sourced.raw.sha256))
        pipelines = self._pipelines(seen)
        taken = Taken(now=max((s.sourced.raw.received_at for s in seen), default=0))
        for one in seen:
            raw = one.sourced.raw
            outcome = pipelines[raw.partner].process(raw)
            self._note(one.sourced, outcome, taken)
        return taken

    def looked(self, messages: Iterable[Sourced]) -> list[_Seen]:
        """A first reading of all: each with when it was received."""
        return self._apart([self._look(sourced) for sourced in messages])

    def _look(self, sourced: Sourced) -> _Seen:
        """A first reading: when it was received where nobody noted it, and under which id."""
        raw = sourced.raw
        known = self.received.get(noted(raw.sha256, raw.name), self.received.get(raw.sha256))
        kind = kind_of(self.place.partners[raw.partner].kind)
        dialect = self.place.partners[raw.partner]
        message_id, recorded, as_at = raw.message_id, 0, 0
        try:
            if kind.full_file is not None:
                recorded = as_at = kind.full_file.read_rows(raw, dialect).as_at
            else:
                translation = kind.translate(raw, dialect)
                message_id = translation.message_id
                recorded = max((d.recorded_at for d in translation.drafts), default=0)
        except ContractViolation:
            pass  # the pipeline meets it again and quarantines it
        received_at = known if known is not None else recorded
        return _Seen(replace(sourced, raw=replace(raw, received_at=received_at)), message_id, as_at)

    def _apart(self, seen: list[_Seen]) -> list[_Seen]:
        """Full files of one content and different as_at are not one file: a time noted under their digest
        alone is that of the first of them, the others were received when they were made, unless their
        names say when.
        """
        first: dict[tuple[str, str], int] = {}
        for one in seen:
            if one.as_at:
                key = (one.sourced.raw.partner, one.sourced.raw.sha256)
                first[key] = min(one.as_at, first.get(key, one.as_at))
        return [self._as_made(one) if self._shares(one, first) else one for one in seen]

    def _shares(self, one: _Seen, first: Mapping[tuple[str, str], int]) -> bool:
        raw = one.sourced.raw
        named = noted(raw.sha256, raw.name) in self.received
        return not named and one.as_at > first.get((raw.partner, raw.sha256), one.as_at)

    def _as_made(self, one: _Seen) -> _Seen:
        return replace(one, sourced=replace(one.sourced, raw=replace(one.sourced.raw, received_at=one.as_at)))

    def _pipelines(self, seen: Sequence[_Seen]) -> dict[str, Pipeline]:
        partners = {one.sourced.raw.partner for one in seen}
        # Which copy of a duplicate counts is the fold's to say: the order of files decides nothing (law 2).
        return {
            p: Pipeline(self.place, p, self.keys, window=Window(hours=None), repeat_duplicates=True)
            for p in partners
        }

    def _note(self, sourced: Sourced, outcome: Outcome, taken: Taken) -> None:
        raw = sourced.raw
        out_of_scope = outcome.kind == "ignored" and bool(outcome.scope_class)
        if not out_of_scope:
            taken.heard[raw.partner] = max(taken.heard.get(raw.partner, 0), raw.received_at)
        taken.units.update(outcome.units)
        one = dict(outcome.units) == {("accepted", ""): 1}
        taken.facts.append((one, list(facts_of(outcome.events, identifiable=self.identifiable))))
        for refusal in outcome.refusals:
            taken.refused.append(
                Refused(
                    raw.partner,
                    raw.sha256,
                    outcome.message_id,
                    refusal.reason,
                    refusal.where,
                    sourced.file,
                    sourced.index,
                )
            )


def facts_of(events: Iterable[SealedEvent], *, identifiable: bool) -> Iterator[Fact]:
    """The facts of sealed events, as a worker would decode them; the restricted ones only where they are
    asked for.
    """
    for event in events:
        kind = event.schema.partition(".")[0]
        if event.topic in PERSON_TOPICS:
            yield decode_fact(encode(event.schema, event.record))
        elif event.topic == CAPACITY:
            yield decode_figure(encode(event.schema, event.record))
        elif identifiable and kind == IDENTIFIED:
            yield _identified(event)


def _identified(event: SealedEvent) -> Fact:
    record = event.record
    names = ("ids", "family", "given", "birth_date", "postcode")
    return Fact(
        record["event_id"], IDENTIFIED, record["partner"], event.key, record["local_key"], record["thing"],
        record["occurred_at"], record["recorded_at"], record["received_at"], record["instance"],
        record["sequence"], number_rank=record["number_rank"],
        body={name: record[name] for name in names if name in record},  # three-state: None = deleted
    )  # fmt: skip
