"""Drop folders: half-written files wait, taken ones move, and a failure of ours moves nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from connectors.transports.files import DropFolder, Watching
from connectors.verdict import Answer, Verdict


class Hub:
    """A drop folder under a clock moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.verdict = Verdict(Answer.ACCEPTED)
        self.at = 0.0
        self.refused: list[str] = []
        self.folder = folder
        self.drop = DropFolder(
            folder,
            self.receive,
            Watching(still_seconds=1, file_bytes=100),
            lambda: self.at,
            self.refused.append,
        )

    async def receive(self, name: str, body: bytes) -> Verdict:
        self.received.append((name, body))
        return self.verdict

    def look(self, seconds: float = 1.0) -> int:
        """Look, let time pass, look again; how many files were taken."""
        first = asyncio.run(self.drop.look())
        self.at += seconds
        return len([*first, *asyncio.run(self.drop.look())])

    def names(self, where: str = "") -> list[str]:
        return sorted(path.name for path in (self.folder / where).iterdir() if path.is_file())


class TestDropFolder:
    """What is a file, and where it goes."""

    def test_a_renamed_file_is_taken_once_and_moved(self, tmp_path: Path) -> None:
        hub = Hub(tmp_path / "hub")
        (hub.folder / "list.csv.part").write_bytes(b"a,b")
        assert hub.look() == 0
        (hub.folder / "list.csv.part").rename(hub.folder / "list.csv")
        assert hub.look() == 1
        assert hub.received == [("list.csv", b"a,b")]
        assert (hub.names(), hub.names("done")) == ([], ["list.csv"])
        assert hub.look() == 0

    def test_a_file_that_grows_waits_until_it_is_still(self, tmp_path: Path) -> None:
        hub = Hub(tmp_path / "hub")
        path = hub.folder / "list.csv"
        for part in (b"one\n", b"one\ntwo\n", b"one\ntwo\nthree\n"):
            path.write_bytes(part)
            assert hub.look(0.9) == 0
        assert hub.look(1.0) == 1
        assert hub.received[0][1] == b"one\ntwo\nthree\n"

    def test_refused_files_are_set_apart_and_names_do_not_collide(self, tmp_path: Path) -> None:
        hub = Hub(tmp_path / "hub")
        hub.verdict = Verdict(Answer.REFUSED, "HEADER_DRIFT")
        for body in (b"1", b"2"):
            (hub.folder / "list.csv").write_bytes(body)
            assert hub.look() == 1
        assert hub.names("refused") == ["list.csv", "list.csv.1"]

    def test_while_we_cannot_keep_it_the_file_stays(self, tmp_path: Path) -> None:
        hub = Hub(tmp_path / "hub")
        hub.verdict = Verdict(Answer.UNAVAILABLE)
        (hub.folder / "list.csv").write_bytes(b"1")
        hub.look()
        assert hub.names() == ["list.csv"]
        hub.verdict = Verdict(Answer.ACCEPTED)
        hub.look()
        assert (hub.names(), hub.names("done")) == ([], ["list.csv"])

    def test_a_file_over_the_limit_is_refused_unread(self, tmp_path: Path) -> None:
        hub = Hub(tmp_path / "hub")
        (hub.folder / "big.csv").write_bytes(b"x" * 101)
        (hub.folder / "ok.csv").write_bytes(b"x")
        assert hub.look() == 2
        assert (hub.names("refused"), hub.names("done"), hub.refused) == (
            ["big.csv"],
            ["ok.csv"],
            ["TOO_LARGE"],
        )
