"""What a batch of records changed in a projection, as rows to be written.

In: each record after the projection took it. Out: per table the rows that stand now; what stands no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from board.projection import Projection, Version

Row = dict[str, Any]
encode: Final = msgspec.json.encode
OF_KIND: Final = {
    "AlertView": "alerts", "MeasureView": "measures", "ActionView": "actions", "Quarantined": "quarantine",
}  # fmt: skip
"""Record name -> the projection's attribute that it changes; every `Feed…` changes `feeds`."""
TOMBSTONED: Final = ("alerts", "measures", "actions")


@dataclass
class Changes:
    """Keys touched since the last write, and how far the topics were read."""

    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    people: dict[str, list[tuple[Version, str | None]]] = field(default_factory=dict)
    """Key -> new versions, each with whom the key is merged into; none: only gone."""
    keys: dict[str, set[str]] = field(default_factory=dict)

    def passed(self, topic: str, partition: int, offset: int) -> None:
        """A record was read, whatever became of it."""
        self.offsets[(topic, partition)] = offset + 1

    def took(self, projection: Projection, kind: str, key: str, record: Mapping[str, Any] | None) -> None:
        """The projection has taken a record; None: a tombstone."""
        if record is None:
            self.people[key] = []
            for name in TOMBSTONED:
                self.keys.setdefault(name, set()).add(key)
        elif kind == "TransferView":
            if (version := projection.newest(key)) is not None:
                self.people.setdefault(key, []).append((version, record.get("merged_into")))
        elif kind.startswith("Feed"):
            self.keys.setdefault("feeds", set()).add(record["partner"])
        elif kind in OF_KIND:
            name = record["quarantine_id"] if kind == "Quarantined" else key
            self.keys.setdefault(OF_KIND[kind], set()).add(name)

    def cuts(self, projection: Projection) -> list[Row]:
        """Of each person touched: versions before this offset are gone; None kept: all of them."""
        return [
            {"key": key, "before": versions[0].at if (versions := projection.people.get(key)) else 1 << 62}
            for key in self.people
        ]

    def versions(self, projection: Projection) -> list[Row]:
        """New versions that are still kept."""
        return [
            {"person_key": key, "at_offset": version.at, "received_through": version.received_through,
             "merged_into": into, "shown_until": version.until, "lines": encode(version.lines)}
            for key, said in self.people.items()
            for version, into in said
            if (kept := projection.people.get(key)) and version.at >= kept[0].at
        ]  # fmt: skip

    def records(self, projection: Projection, name: str) -> list[Row]:
        """What stands now under the keys touched."""
        now = getattr(projection, name)
        return [
            {"key": key, "record": encode(now[key])} for key in self.keys.get(name, ()) if key in now
        ]
