"""Drop folder: complete files of a partner in, each taken once, moved to `done/` or `refused/` (hop 1).

A file is published by renaming it into the folder; `*.part`, `*.tmp` and dotted names are not files
yet. For senders that write in place a file must keep its size and time for `still_seconds`. What cannot
be taken now stays and is tried again; a failure of ours moves nothing. The file's bytes are in the
archive before it is moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from connectors.verdict import NEVER_POSITIVE, Answer, Verdict
from runtime.logging import get_logger
from schemas.catalogue import PARTNER_BYTES_MAX
from schemas.reasons import Reason

log = get_logger("connectors.files")

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
_REFUSED = frozenset({Answer.REFUSED, Answer.UNREADABLE, Answer.WRONG_PROCESSING_ID, Answer.TOO_LARGE})

Receive = Callable[[str, bytes], Awaitable[Verdict]]


@dataclass(frozen=True, kw_only=True)
class Watching:
    """How a folder is watched. Seconds are real ones."""

    poll_seconds: float = 0.25
    still_seconds: float = 0.5
    file_bytes: int = PARTNER_BYTES_MAX


class _Look(NamedTuple):
    size: int
    changed_ns: int
    since: float


class DropFolder:
    """The drop folder of one partner.

    `receive` gets the file's name and bytes and answers like any intake.
    """

    def __init__(
        self,
        folder: Path,
        receive: Receive,
        watching: Watching | None = None,
        real_seconds: Callable[[], float] = monotonic,
        count: Callable[[Reason], None] = lambda _reason: None,
    ) -> None:
        self.folder = folder
        self._receive = receive
        self._watching = watching or Watching()
        self._real_seconds = real_seconds
        self._count = count
        self._looks: dict[str, _Look] = {}
        for name in ("", "done", "refused"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            await self.look()
            await asyncio.sleep(self._watching.poll_seconds)

    async def look(self) -> list[Verdict]:
        """Take every file that is complete, oldest name first."""
        names = await asyncio.to_thread(self._complete)
        return [await self._take(name) for name in names]

    def _complete(self) -> list[str]:
        found: dict[str, _Look] = {}
        now = self._real_seconds()
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED) or not path.is_file():
                continue
            stat = path.stat()
            before = self._looks.get(path.name)
            same = before is not None and before[:2] == (stat.st_size, stat.st_mtime_ns)
            found[path.name] = before if same and before else _Look(stat.st_size, stat.st_mtime_ns, now)
        self._looks = found
        return [name for name, look in found.items() if now - look.since >= self._watching.still_seconds]

    async def _take(self, name: str) -> Verdict:
        path = self.folder / name
        if path.stat().st_size > self._watching.file_bytes:
            self._count(Reason.TOO_LARGE)
            verdict = Verdict(Answer.TOO_LARGE, Reason.TOO_LARGE)
        else:
            verdict = await self._receive(name, await asyncio.to_thread(path.read_bytes))
        if verdict.answer is Answer.UNAVAILABLE:
            return verdict
        assert verdict.answer not in NEVER_POSITIVE or verdict.answer is Answer.TOO_LARGE
        where = "refused" if verdict.answer in _REFUSED and not verdict.partly else "done"
        await asyncio.to_thread(self._move, path, where)
        self._looks.pop(name, None)
        log.info("file.taken", answer=str(verdict.answer), reason=verdict.reason)
        return verdict

    def _move(self, path: Path, where: str) -> None:
        target = self.folder / where / path.name
        number = 1
        while target.exists():
            target = self.folder / where / f"{path.name}.{number}"
            number += 1
        path.rename(target)
