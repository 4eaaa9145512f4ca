"""Names of people, from the restricted identity topic, read under the named purpose direct care; held in
memory alone, never written down by the board.

In: `PersonIdentified` records, and which keys were retired for which. Out: who a key is, all that was said of
it and of the keys merged into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.naming import Identity, identity_of, newest


@dataclass
class Names:
    """The newest word of each source about each key."""

    _said: dict[str, dict[str, Identity]] = field(default_factory=dict)
    _into: dict[str, str] = field(default_factory=dict)
    _merged: dict[str, set[str]] = field(default_factory=dict)

    def apply(self, record: Mapping[str, Any]) -> None:
        """Take one record; a later recorded word of a source replaces its earlier one, field by field."""
        said, by_source = identity_of(record), self._said.setdefault(record["person_key"], {})
        before = by_source.get(record["partner"])
        by_source[record["partner"]] = newest([before, said]) if before else said

    def merged(self, key: str, into: str | None) -> None:
        """A key was retired for another, or stands again."""
        was = self._into.pop(key, None)
        if was is not None:
            self._merged[was].discard(key)
        if into is not None:
            self._into[key] = into
            self._merged.setdefault(into, set()).add(key)

    def forget(self, key: str) -> None:
        """What was said of a key is withdrawn."""
        self._said.pop(key, None)

    def of(self, key: str) -> Identity:
        """Who it is."""
        return newest([one for each in self._family(key) for one in self._said.get(each, {}).values()])

    def _family(self, key: str) -> Iterator[str]:
        seen, waiting = set[str](), [key]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                yield one
                waiting += self._merged.get(one, ())
