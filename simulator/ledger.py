"""The ledger of the truth: what happened to whom, what is put on which wire, and what must become of it.
Written before the first byte is sent.

It knows nothing of Homeward's models: the judge compares it with what the running place shows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Send:
    """One thing put on a wire at simulated time `at`. `expect` = outcome -> count (a message, or the rows of
    a file).
    """

    at: datetime
    partner: str
    wire: str
    body: bytes
    message_id: str
    expect: dict[str, int]
    name: str = ""
    label: str = ""
    effect: dict[str, str] | None = None
    """Where the change shows: {visit, field, value}; timed from wire to view."""
    story: str = ""
    """Names of the story's own messages: the play waits for them to be seen."""

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass
class Ledger:
    """Truth of one play. Counts are by partner, then by outcome: accepted | duplicate:<cause> |
    quarantined:<reason> | ignored:<cause>.
    """

    people: list[dict[str, Any]] = field(default_factory=list)
    beds: dict[str, str] = field(default_factory=dict)
    """Visit number -> poc^room^bed at the end of the play, for everyone in bed."""
    day_one: list[str] = field(default_factory=list)
    """Visit numbers of those in bed when the place was connected."""
    told: dict[str, list[str]] = field(default_factory=dict)
    """Visits that ended -> who is told of every one."""
    taken_back: list[str] = field(default_factory=list)
    """Visits whose end was announced and cancelled: told of only if the notice was the quicker."""
    decisions: list[dict[str, str]] = field(default_factory=list)
    out_of_scope_words: list[str] = field(default_factory=list)
    """Texts that occur only in out-of-scope messages: must be nowhere afterwards."""
    expected: dict[str, dict[str, int]] = field(default_factory=dict)
    stays: list[dict[str, Any]] = field(default_factory=list)
    """Who was in hospital when, what was said of it when; returns are recounted of it."""
    words: list[dict[str, Any]] = field(default_factory=list)
    """What each organisation said of whom, and when it was received; alerts are expected by it."""
    sends: list[dict[str, Any]] = field(default_factory=list)

    def book(self, sends: list[Send]) -> None:
        """Write down everything that will be sent, and what must become of it."""
        for send in sends:
            self.sends.append(
                {
                    "at": send.at.isoformat(),
                    "partner": send.partner,
                    "sha256": send.sha256,
                    "message_id": send.message_id,
                    "label": send.label,
                    "expect": send.expect,
                    "effect": send.effect,
                }
            )
            counts = Counter(self.expected.get(send.partner, {}))
            counts.update(send.expect)
            self.expected[send.partner] = dict(counts)

    def write(self, path: Path) -> None:
        """One JSON document, sorted: the same seed gives the same bytes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True, default=str), encoding="utf-8")


def read_ledger(path: Path) -> Ledger:
    """The ledger as it stands in the file (also after somebody altered a row)."""
    return Ledger(**json.loads(path.read_text(encoding="utf-8")))
