"""The action logs of the places of one partition: kept as facts, shown as they stand.

In: facts of `toc.action.v1`. Out: views, and changelog records of each fact and of what is shown. A site has
some dozens a day; those that ended long ago are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from schemas.catalogue import VIEW_ACTION
from schemas.fact import Fact
from streams.agents.outputs import record_output, tombstone_output
from streams.core.config import DAY_US
from streams.core.facts.copies import newer
from streams.core.pressure.actions import actions_of
from streams.engine.types import Output

ENDED_DAYS = 100
"""How long an action is shown after it was last spoken of."""
_write = msgspec.msgpack.Encoder().encode
_read_fact = msgspec.msgpack.Decoder(Fact).decode
_read_shown = msgspec.msgpack.Decoder(dict[str, str]).decode
_SHOWN = ""
Written = Iterator[tuple[str, str, bytes | None]]
"""(Site, fact id, value); fact id "": what is shown of the site."""


class ActionsOut:
    """All logs of a partition, by site."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[str, Fact]] = {}
        self._shown: dict[str, dict[str, str]] = {}
        """Site -> action -> digest of its view."""
        self._written: dict[tuple[str, str], bytes | None] = {}
        self._dirty: dict[str, None] = {}

    def restore(self, site: str, part: str, value: bytes | None) -> None:
        """Apply a changelog record."""
        facts = self._facts.setdefault(site, {})
        if part == _SHOWN:
            self._shown[site] = _read_shown(value or b"\x80")
        elif value is None:
            facts.pop(part, None)
        else:
            facts[part] = _read_fact(value)

    def take(self, fact: Fact) -> None:
        """Take what was said of an action."""
        facts = self._facts.setdefault(fact.key, {})
        held = facts.get(fact.id)
        kept = fact if held is None else newer(held, fact)
        if held is None or kept != held:
            facts[fact.id] = kept
            self._written[fact.key, fact.id] = _write(kept)
            self._dirty[fact.key] = None

    def doubt(self, site: str) -> None:
        """Nobody knows whether what is shown got through: it is said again."""
        self._shown[site] = dict.fromkeys(self._shown.get(site, {}), "")
        self._dirty[site] = None

    def cut(self) -> Iterator[Output]:
        """Show what differs."""
        for site in self._dirty:
            self._prune(site)
            rows = actions_of(self._facts[site].values())
            before, shown = self._shown.get(site, {}), {}
            for ident, row in rows.items():
                shown[ident] = sha256(repr(row).encode()).hexdigest()[:16]
                if before.get(ident) != shown[ident]:
                    yield _view(site, ident, row)
            for ident in before.keys() - shown.keys():
                yield tombstone_output(VIEW_ACTION, f"{site}/{ident}")
            self._shown[site] = shown
            self._written[site, _SHOWN] = _write(shown)
        self._dirty = {}

    def written(self) -> Written:
        """The changelog records that are new."""
        for (site, part), value in self._written.items():
            yield site, part, value
        self._written = {}

    def _prune(self, site: str) -> None:
        facts = self._facts.setdefault(site, {})
        newest = max((fact.received_at for fact in facts.values()), default=0)
        last: dict[str, int] = {}
        for fact in facts.values():
            last[fact.thing] = max(last.get(fact.thing, 0), fact.received_at)
        for fact in [one for one in facts.values() if last[one.thing] < newest - ENDED_DAYS * DAY_US]:
            del facts[fact.id]
            self._written[site, fact.id] = None


def _view(site: str, ident: str, row: dict[str, Any]) -> Output:
    return record_output(VIEW_ACTION, "ActionView", f"{site}/{ident}", row)
