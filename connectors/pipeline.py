"""The way of one message through a connector, the same code live and offline: scope → translate → duplicate
window → seal.

In: a `RawMessage` of one partner. Out: an `Outcome`: what it is counted as, and the events to publish
whatever that is. Synchronous, no I/O. Translation comes before the window because what makes two messages the
same one is what they say; a refused message is counted as quarantined, never as a duplicate (design.md §9
precedence).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.duplicates import Firsts, Sighting, Window
from connectors.figures import seal_figure
from connectors.file_history import History
from connectors.horizon import admissible
from connectors.message import Draft, RawMessage, Refusal, SealedEvent, Translation
from connectors.partners.full_file import Taking, take
from connectors.partners.registry import kind_of
from connectors.scope import AGE, OUT_OF_SCOPE, out_of_scope, within_age
from connectors.sealing import Envelope, Sealer, content_tag
from runtime.errors import Misconfigured
from runtime.place import Place
from runtime.pseudonym import KeyRing
from schemas.errors import ContractViolation
from schemas.figures import PLACE_KINDS
from schemas.reasons import Reason

OutcomeKind = Literal["accepted", "duplicate", "quarantined", "ignored"]
Units = Mapping[tuple[OutcomeKind, str], int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message ended. `events` are to be published whatever `kind` is: an ignored A08 still tells the
    identity topic who it is about.
    """

    kind: OutcomeKind
    cause: str = ""
    message_id: str = ""
    events: tuple[SealedEvent, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    scope_class: str = ""
    """Of a message out of scope: the class it is counted by."""
    units: Units = field(default_factory=dict)
    """What the summary counts: one message, or the rows of a file, by (kind, cause)."""


def _outcome(
    kind: OutcomeKind,
    cause: str = "",
    message_id: str = "",
    events: tuple[SealedEvent, ...] = (),
    refusals: tuple[Refusal, ...] = (),
    scope_class: str = "",
    units: Units | None = None,
) -> Outcome:
    return Outcome(kind, cause, message_id, events, refusals, scope_class, units or {(kind, cause): 1})


def _quarantined(
    refusals: Collection[Refusal], message_id: str = "", events: tuple[SealedEvent, ...] = ()
) -> Outcome:
    return _outcome("quarantined", "", message_id, events, tuple(refusals))


def _unit(refused: bool, again: bool, no_change: str) -> tuple[OutcomeKind, str]:
    """What one row of a file counts as, and why."""
    if refused or not (again or no_change):
        return ("quarantined" if refused else "accepted"), ""
    return ("duplicate", Sighting.SAME_ID.value) if again else ("ignored", no_change)


def _as_refusal(violation: ContractViolation) -> Refusal:
    return violation if isinstance(violation, Refusal) else Refusal(violation.reason, violation.where)


class Pipeline:
    """One partner's pipeline; keeps the duplicate window, and the files a full-file partner sent before.

    `window` None is the dialect's own (live); a replay gives `Window(hours=None)`, so that counts do not
    depend on the order. `accepted_files` are digests of shrunken files a human let through. With
    `repeat_duplicates` a duplicate is counted as one and sealed all the same: a replay leaves it to the fold
    which copy counts, so that the order of files cannot decide an id or a `received_at`. A message whose id
    came before with other content is flagged, and says the events of that other one again, flagged too.
    """

    def __init__(
        self,
        place: Place,
        partner_name: str,
        keys: KeyRing,
        *,
        window: Window | None = None,
        accepted_files: Collection[str] = (),
        repeat_duplicates: bool = False,
    ) -> None:
        if partner_name not in place.partners:
            raise Misconfigured(
                f"place {place.name}: no partner {partner_name!r}; known: {', '.join(sorted(place.partners))}"
            )
        self.partner, self.dialect = partner_name, place.partners[partner_name]
        self.kind = kind_of(self.dialect.kind)
        self._keys = keys
        self._sealer = Sealer(partner_name, self.dialect, keys, self.kind.revision)
        self._window = window or Window(self.dialect.duplicate_window_hours)
        self._firsts = Firsts(self._window)
        self._accepted_files = frozenset(accepted_files)
        self._repeat_duplicates = repeat_duplicates
        self._history = History()

    def split(self, body: bytes) -> Iterator[bytes]:
        """The messages of a file of this partner."""
        return self.kind.split(body)

    def process(self, raw: RawMessage) -> Outcome:
        """Take one message (or one whole file of a full-file partner). Never raises for what a partner may
        send.
        """
        message_id, scope = raw.message_id, self.dialect.scope
        try:
            if self.kind.scope is not None:
                message_id, facts = self.kind.scope(raw, self.dialect)
                if closed := out_of_scope(facts, scope):
                    return _outcome("ignored", OUT_OF_SCOPE, scope_class=closed)
            if self.kind.full_file is not None:
                return self._file(
                    raw, take(raw, self.dialect, self.kind.full_file, self._history, self._accepted_files)
                )
            if self.kind.rows is not None:
                return self._file(raw, self.kind.rows(raw, self.dialect))
            translation = within_age(self.kind.translate(raw, self.dialect), scope)
            if translation.no_change == OUT_OF_SCOPE:
                return _outcome("ignored", OUT_OF_SCOPE, scope_class=AGE)
            return self._message(raw, translation)
        except ContractViolation as violation:
            return _quarantined([_as_refusal(violation)], message_id)

    def _message(self, raw: RawMessage, translation: Translation) -> Outcome:
        standing, refusals = self._admissible(raw, translation)
        if refusals and not standing:
            return _quarantined(refusals, translation.message_id)
        tag = self._tag(raw, translation)
        sighting = self._window.look(translation.message_id, tag, raw.received_at)
        again = sighting in (Sighting.SAME_ID, Sighting.REQUEUED)
        recorded_at = min((draft.recorded_at for draft in standing), default=0)
        quiet = again and not (self._repeat_duplicates or self._window.recorded_before(tag, recorded_at))
        reused = self._window.reused(translation.message_id, tag)
        events = () if quiet else self._seal(raw, translation.message_id, tag, standing, reused)
        if reused and (first := self._firsts.taken(translation.message_id)):
            events = (*self._flagged(first), *events)
        self._firsts.keep(translation.message_id, raw)
        self._window.note(translation.message_id, tag, raw.received_at, recorded_at)
        if refusals:
            return _quarantined(refusals, translation.message_id, events)
        if again:
            return _outcome("duplicate", sighting.value, translation.message_id, events)
        kind: OutcomeKind = "ignored" if translation.no_change else "accepted"
        return _outcome(kind, translation.no_change, translation.message_id, events)

    def _flagged(self, first: RawMessage) -> tuple[SealedEvent, ...]:
        """What an earlier message said, flagged: its id names another one too."""
        translation = within_age(self.kind.translate(first, self.dialect), self.dialect.scope)
        standing, _ = self._admissible(first, translation)
        return self._seal(first, translation.message_id, self._tag(first, translation), standing, reused=True)

    def _admissible(
        self, raw: RawMessage, translation: Translation
    ) -> tuple[list[Draft], tuple[Refusal, ...]]:
        return admissible(translation, raw.received_at, self.dialect.horizon_days)

    def _tag(self, raw: RawMessage, translation: Translation) -> str:
        return content_tag(self._keys, translation) or self._keys.tag("content", raw.sha256)

    def _seal(
        self, raw: RawMessage, message_id: str, tag: str, drafts: list[Draft], reused: bool
    ) -> tuple[SealedEvent, ...]:
        flags = (Reason.ID_REUSED.value,) if reused else ()
        envelope = Envelope(message_id, tag, raw.received_at, raw.sha256, flags)
        people = [draft for draft in drafts if draft.kind not in PLACE_KINDS]
        about = (self.partner, self.dialect, self._keys, self.kind.revision)
        figures = (seal_figure(d, envelope, *about) for d in drafts if d.kind in PLACE_KINDS)
        return (*self._sealer.seal(people, envelope), *figures)

    def _file(self, raw: RawMessage, taking: Taking) -> Outcome:
        """A full file: every row is a unit of its own; a bad row never holds up the others."""
        tag = self._keys.tag("content", raw.sha256)
        again = self._window.look(taking.file_id, tag, raw.received_at) is Sighting.SAME_ID
        self._history = taking.history
        units: Counter[tuple[OutcomeKind, str]] = Counter()
        events: list[SealedEvent] = []
        refusals = list(taking.refusals)
        scope = self.dialect.scope
        for translation in (within_age(row, scope) for row in taking.rows):
            row, sealed = self._row(raw, translation)
            refusals += row
            events += sealed
            kind, cause = _unit(bool(row), again, translation.no_change)
            units[kind, cause] += 1
        for translation in taking.besides:
            events += self._row(raw, within_age(translation, scope))[1]
        units["quarantined", ""] += len(taking.refusals)
        self._window.note(taking.file_id, tag, raw.received_at)
        overall: OutcomeKind = (
            "quarantined" if refusals else "duplicate" if again else "accepted" if events else "ignored"
        )
        cause = (
            ""
            if overall in ("accepted", "quarantined")
            else Sighting.SAME_ID.value
            if again
            else "empty diff"
        )
        return _outcome(
            overall, cause, raw.message_id or raw.sha256[:32], tuple(events), tuple(refusals), units=+units
        )

    def _row(
        self, raw: RawMessage, translation: Translation
    ) -> tuple[list[Refusal], tuple[SealedEvent, ...]]:
        if not translation.drafts:
            return [], ()  # most rows of most files
        standing, refusals = self._admissible(raw, translation)
        try:
            tag = content_tag(self._keys, translation)
            return list(refusals), self._seal(raw, translation.message_id, tag, standing, reused=False)
        except ContractViolation as violation:
            return [*refusals, _as_refusal(violation)], ()
