"""One partner's intake: a message in, an answer out, and between them the promise (design.md §7):

archive acknowledged → its events acknowledged → its refusals on the quarantine topic → only then a positive
answer.

Messages go in groups, one group to the archive while the one before it becomes events; a message keeps its
place in both, so the events of one key stand in the order their messages came, where nothing failed between.

A message whose way was broken off is *owed*: it is finished before anything newer is taken, because to the
duplicate window it has
been seen, and its re-send would otherwise be answered yes without its events. Out-of-scope messages are
counted and forgotten.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from connectors.archive import Archive, SealedThrough
from connectors.belt import Belt
from connectors.message import RawMessage
from connectors.outcome import Outcome, Process, counted, outcome_of, verdict_of
from connectors.ports import Checkpoint, Placed, no_checkpoint
from connectors.publisher import Became, Publisher
from connectors.scope import OUT_OF_SCOPE
from connectors.verdict import Answer, Verdict
from runtime.errors import Transient
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from schemas.errors import ContractViolation
from schemas.reasons import Reason

log = get_logger("connectors.intake")

_RECENT_MAX = 100_000


@dataclass(slots=True, eq=False)
class _Work:
    raw: RawMessage
    outcome: Outcome
    placed: Placed | None = None
    settled: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Intake:
    """The way of one partner's messages. `receive` never raises: a failure of ours is the answer UNAVAILABLE.

    `standing`: where messages stand in the archive already, by their digests.
    """

    def __init__(
        self,
        pipeline: Process,
        archive: Archive,
        publisher: Publisher,
        sealed: SealedThrough,
        standing: Mapping[str, Placed] | None = None,
        *,
        heard: Callable[[str], None] = lambda _partner: None,
        meter: Metrics = METER,
        checkpoints: Checkpoint = no_checkpoint,
        answer_seconds: float = 25.0,
    ) -> None:
        self.partner = archive.partner
        self.sealed = sealed
        self.pipeline = pipeline
        """May be replaced by one that knows more."""
        self._archive = archive
        self._publisher = publisher
        self._heard = heard
        self._meter = meter
        self._checkpoints = checkpoints
        self._answer_seconds = answer_seconds
        self._owed: deque[_Work] = deque()
        self._entrance = asyncio.Lock()
        self._settling_owed = asyncio.Lock()
        self._archiving = Belt(self._archive_all)
        self._publishing = Belt(self._publish_all)
        self._under_way: OrderedDict[int, _Work] = OrderedDict()
        self._recent = OrderedDict(standing or {})

    async def receive(self, raw: RawMessage) -> Verdict:
        """Take one message; the verdict is true when it is returned."""
        began = monotonic()
        self._heard(self.partner)
        try:
            async with asyncio.timeout(self._answer_seconds):
                verdict = await self._take(raw)
        except (Transient, TimeoutError) as exc:
            log.warning("message.not_taken", partner=self.partner, error=type(exc).__name__)
            verdict = Verdict(Answer.UNAVAILABLE)
        except ContractViolation as exc:  # the archive itself cannot hold it (over the broker's limit)
            log.error("message.not_keepable", partner=self.partner, reason=exc.reason, where=exc.where)
            verdict = Verdict(Answer.TOO_LARGE, Reason.TOO_LARGE)
        self._meter.observe("toc_message_ack_seconds", monotonic() - began, partner=self.partner)
        return verdict

    async def finish(self) -> None:
        """Settle what is owed, once, in its order; raises Transient when it cannot be. Closes the gaps of the
        mark when nothing is left.
        """
        async with self._settling_owed:
            while owed := list(self._owed):
                ends = await asyncio.gather(*map(self._settle, owed), return_exceptions=True)
                failed = [self._still_owed(end) for end in ends]
                for work, failure in zip(owed, failed, strict=True):
                    if failure is None:
                        self._owed.remove(work)
                if first := next(filter(None, failed), None):
                    raise first
        if not self._under_way:
            self.sealed.idle()

    def _still_owed(self, end: BaseException | None) -> BaseException | None:
        if isinstance(end, ContractViolation):  # it will never be taken, and its sender was told no
            log.error("owed.not_keepable", partner=self.partner, reason=end.reason, where=end.where)
            return None
        return end

    async def _take(self, raw: RawMessage) -> Verdict:
        async with self._entrance:  # in the order of arrival, also after a wait
            if self._owed:
                await self.finish()
            outcome = outcome_of(self.pipeline, raw)
            if outcome.kind == "ignored" and outcome.cause == OUT_OF_SCOPE:
                self._count(outcome)
                self._meter.count(
                    "toc_messages_out_of_scope_total", partner=self.partner, scope_class=outcome.scope_class
                )
                return verdict_of(outcome)
            if outcome.kind == "duplicate" and outcome.events:
                await self._after_originals(_Work(raw, outcome))  # its events stay behind theirs
        if outcome.kind == "duplicate" and not outcome.events:
            await self._earlier()
        await self._settle_or_owe(_Work(raw, outcome, self._recent.get(raw.sha256)))
        return verdict_of(outcome)

    async def _after_originals(self, work: _Work) -> None:
        try:
            await self._earlier()
        except BaseException:
            # The window knows it by now, so its re-send would say nothing: it is owed behind the originals.
            self._owed.append(work)
            raise

    def _count(self, outcome: Outcome) -> None:
        for kind, cause, number in counted(outcome):
            self._meter.count("toc_messages_total", number, partner=self.partner, outcome=kind, cause=cause)

    async def _earlier(self) -> None:
        """A duplicate is answered for the original: wait until that is settled."""
        for work in list(self._under_way.values()):
            if work.outcome.kind != "duplicate" or work.outcome.events:
                await work.done.wait()
        if self._owed:
            await self.finish()

    async def _settle_or_owe(self, work: _Work) -> None:
        self._under_way[id(work)] = work
        owed = True
        try:
            await self._settle(work)
            owed = False
        except ContractViolation:
            owed = False  # will never be taken: owing it would hold up everything behind it
            raise
        finally:
            if owed:
                self._owed.append(work)
            del self._under_way[id(work)]
            work.done.set()

    async def _settle(self, work: _Work) -> None:
        await self._archiving.put(work)
        await self._checkpoints("archived")
        await self._publishing.put(work)

    async def _archive_all(self, works: Sequence[_Work]) -> Sequence[BaseException | None]:
        fresh = [work for work in works if work.placed is None]
        failures: dict[int, BaseException] = {}
        for work, end in zip(fresh, await self._archive.keep([work.raw for work in fresh]), strict=True):
            if isinstance(end, Exception):
                failures[id(work)] = end
            else:
                work.placed = end
        return [failures.get(id(work)) for work in works]

    async def _publish_all(self, works: Sequence[_Work]) -> Sequence[BaseException | None]:
        due = [work for work in works if not work.settled]
        became = [Became(work.raw, work.placed, work.outcome) for work in due if work.placed]
        failures = await self._publisher.settle(became, self._archive.topic, self._checkpoints)
        for work, failure in zip(due, failures, strict=True):
            if failure is None:
                self._settled(work)
        failed = {id(work): failure for work, failure in zip(due, failures, strict=True)}
        return [failed.get(id(work)) for work in works]

    def _settled(self, work: _Work) -> None:
        assert work.placed is not None
        work.settled = True
        self.sealed.settled(work.placed)
        self._remember(work.raw.sha256, work.placed)
        self._count(work.outcome)

    def _remember(self, sha256: str, placed: Placed) -> None:
        self._recent[sha256] = placed
        while len(self._recent) > _RECENT_MAX:
            self._recent.popitem(last=False)
