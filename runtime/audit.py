"""The audit: every read of a person and every refusal, appended to a file in which each line holds the digest
of the one before (domain 05 IG-10).

In: who did what, whom it was about (pseudonym keys, never names), a time. Out: one JSON line. A reader who
cannot be written down is not served. `verify` finds a line that was altered, left out, put in or cut off.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from runtime.errors import Misconfigured
from runtime.freshness import compact, utc

START: Final = "0" * 64
"""What the first line holds for the one before."""
HEAD: Final = ".head"
"""Beside the file: number and digest of its last line, so that a tail cut off is seen."""


class Act(NamedTuple):
    """One read, write, sign-in or refusal."""

    who: str
    role: str
    organisation: str
    purpose: str
    what: str
    """`worklist`, `person`, `match decided` …"""
    outcome: str
    """`shown`, `refused: <why>`, `done`."""
    people: Sequence[str] = ()
    """Keys of those this session had not been shown before."""
    shown: int = 0
    """How many people were shown."""
    session: str = ""


@dataclass
class Audit:
    """An audit file, or none (path None: tests of what is not about reading)."""

    path: Path | None = None
    _last: str = START
    _count: int = 0
    _handle: int = field(default=-1, repr=False)

    def open(self) -> None:
        """Continue where the file ends. Raises Misconfigured where it cannot be written, or another board
        writes it: two would tear the chain.
        """
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise Misconfigured(f"the audit cannot be written: {exc.strerror}") from None
        self._count, self._last = _end_of(self.path)

    def close(self) -> None:
        """Let another board write it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def write(self, act: Act, now: int) -> None:
        """Append one line at `now` (µs). Raises OSError: then nothing may be shown."""
        if self.path is None:
            return
        if self._handle < 0:
            self.open()
        row = {"seq": self._count + 1, "at": utc(now), **_said(act), "before": self._last}
        digest = sha256(compact(row).encode()).hexdigest()
        os.write(self._handle, (compact({**row, "digest": digest}) + "\n").encode())
        self._count, self._last = self._count + 1, digest
        _head_of(self.path).write_text(f"{self._count} {digest}\n", encoding="utf-8")


def verify(path: Path) -> list[str]:
    """What is wrong with an audit file, in words; nothing: it is whole. Raises OSError."""
    found: list[str] = []
    before, number = START, 0
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row, wrong = _checked(text, number, before)
        found += wrong
        before = str(row.get("digest", before))
    head = _head_of(path)
    said = head.read_text(encoding="utf-8").split() if head.exists() else []
    if said != [str(number), before] and (number or said):
        found.append(
            f"the head says {' '.join(said) or 'nothing'}, the file ends with {number} {before[:16]}…"
        )
    return found


def about(path: Path, key: str) -> Iterable[Mapping[str, Any]]:
    """The lines that name a person: for a subject access report. Raises OSError."""
    return (row for row in acts(path) if key in row["people"])


def acts(path: Path) -> Iterable[Mapping[str, Any]]:
    """Every line, oldest first. Raises OSError."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _checked(text: str, number: int, before: str) -> tuple[Mapping[str, Any], list[str]]:
    try:
        row: dict[str, Any] = json.loads(text)
        digest = row.pop("digest")
    except (ValueError, KeyError, AttributeError):
        return {}, [f"line {number}: not a line of the audit"]
    wrong = []
    if row.get("seq") != number:
        wrong.append(f"line {number}: says it is line {row.get('seq')}")
    if row.get("before") != before:
        wrong.append(f"line {number}: does not follow the line before")
    if sha256(compact(row).encode()).hexdigest() != digest:
        wrong.append(f"line {number}: was altered")
    return {"digest": digest}, wrong


def _said(act: Act) -> dict[str, Any]:
    return act._asdict() | {"people": list(act.people)}


def _end_of(path: Path) -> tuple[int, str]:
    count, last = 0, START
    with path.open(encoding="utf-8") as lines:
        for text in lines:
            row = json.loads(text)
            count, last = row["seq"], row["digest"]
    return count, last


def _head_of(path: Path) -> Path:
    return path.with_name(path.name + HEAD)
