"""A real place as processes, for faults: workers, connectors, board and the recipients' inbox on a given
broker; any of them is killed, stopped, continued and started again by its process id.

In: a broker, a folder. Out: addresses; logs in `<folder>/logs`; everything ended by `close`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from cli.demo.counters import read_outcomes
from cli.demo.processes import Child, Processes
from runtime.brokers.detect import detect
from runtime.brokers.process import free_port
from runtime.brokers.traits import BrokerTraits
from runtime.freshness import without_freshness
from runtime.place import Place, load_place
from runtime.staged_clock import StagedClock
from simulator.ledger import Send
from simulator.play import Addresses
from tests.system.load import Senders, moved

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONNECTED_US = 1_799_496_000_000_000
"""2027-01-09T12:00:00Z, where the simulator's town begins."""
READY_SECONDS = 90.0
SETTLE_SECONDS = 60.0
SECRETS = {
    "lbb-webhook": "HOMEWARD_SECRET_LBB", "bwell-webhook": "HOMEWARD_SECRET_BWELL",
    "homeward": "HOMEWARD_SECRET_OWN", "sel-figures": "HOMEWARD_SECRET_FIGURES",
}  # fmt: skip
VIEWS = ("spell", "person", "transfer", "alert", "quarantine")


@dataclass
class SystemPlace:
    """A running place. `start` it, `close` it."""

    folder: Path
    bootstrap: str
    traits: BrokerTraits = field(init=False)
    processes: Processes = field(init=False)
    clock: StagedClock = field(init=False)
    connectors: Child = field(init=False)
    workers: list[Child] = field(default_factory=list)
    played: list[Senders] = field(default_factory=list)
    place: Place = field(default_factory=lambda: load_place("bromley"))
    given_up: list[str] = field(default_factory=list)
    _count: int = 0

    def start(self) -> SystemPlace:
        """Topics, inbox, connectors, one worker, board; returns when all are ready."""
        for part in ("orders", "logs"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self.traits = detect(self.bootstrap)
        self.clock = StagedClock(self.folder / "clock")
        self.clock.move(CONNECTED_US, 1.0)
        names = (*SECRETS.values(), "HOMEWARD_SECRET_NOTICES")
        self.secrets = {name: secrets.token_hex(16) for name in names}
        self.ports = {name: free_port() for name in ("mllp", "intake", "board", "inbox")}
        self.processes = Processes(self.folder / "logs", self._environment())
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def _start(self) -> None:
        apply = self.processes.homeward("topics", "topics", "apply")
        until(lambda: apply.ended() is not None, READY_SECONDS, "topics")
        assert apply.ended() == 0, apply.log.read_text()
        inbox = [sys.executable, "-m", "simulator.inbox", "--port", str(self.ports["inbox"])]
        self.processes.start("inbox", [*inbox, "--out", str(self.folder / "inbox.jsonl")])
        self.processes.homeward("board", "run", "board")
        self.start_connectors(wait=False)
        worker = self.start_worker(wait=False)
        self.wait_ready(self.connectors)
        self.wait_ready(worker)
        until(lambda: answers(f"{self.board_url}/v1/health/ready"), READY_SECONDS, "board")

    def close(self) -> None:
        """End everything, by process id."""
        for child in self.processes.children:
            if child.ended() is None:
                self.resume(child)
        self.processes.stop()

    def _environment(self) -> dict[str, str]:
        ports = self.ports
        return {
            "KAFKA_BOOTSTRAP": self.bootstrap, "HOMEWARD_CLOCK": f"file:{self.clock.path}",
            "HOMEWARD_PLACE": "bromley", "HOMEWARD_MLLP_PORT": str(ports["mllp"]),
            "HOMEWARD_INTAKE_PORT": str(ports["intake"]), "HOMEWARD_BOARD_PORT": str(ports["board"]),
            "HOMEWARD_DROP": str(self.drop), "HOMEWARD_STATE": str(self.folder / "state"),
            "HOMEWARD_NOTICE_URL": f"http://127.0.0.1:{ports['inbox']}", "HOMEWARD_WORKER_PORT": "0",
            "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), **self.secrets,
        }  # fmt: skip

    # -- addresses

    @property
    def drop(self) -> Path:
        """Where partners put files."""
        return self.folder / "drop"

    @property
    def intake_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['intake']}"

    @property
    def board_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['board']}"

    def secret(self, partner: str) -> str:
        """What a partner signs with."""
        return self.secrets[SECRETS[partner]]

    def logs(self) -> list[Path]:
        """Logs of every process there was."""
        return sorted((self.folder / "logs").iterdir())

    # -- processes

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}-{self._count}"

    def start_worker(self, *, wait: bool = True, blind: bool = False) -> Child:
        """One more worker; a blind one cannot find out that it lost its partitions unless the broker says so.
        """
        name = self._name("worker")
        given = json.dumps({"name": name, "folder": str(self.folder), "blind": blind})
        child = self.processes.start(name, [sys.executable, str(HERE / "worker_process.py"), given])
        self.workers.append(child)
        if wait:
            self.wait_ready(child)
        return child

    def start_connectors(self, *, wait: bool = True, dies_at: tuple[str, int] | None = None) -> Child:
        """The connectors process; `dies_at` (step, nth): one that ends itself there, as kill -9 would."""
        name = self._name("connectors")
        if dies_at is None:
            self.connectors = self.processes.homeward(name, "run", "connectors")
        else:
            script, toml = ROOT / "tests/connectors/process/dying_process.py", ROOT / "places/bromley.toml"
            command = [sys.executable, str(script), str(toml), dies_at[0], str(dies_at[1])]
            self.connectors = self.processes.start(name, command)
        if wait:
            self.wait_ready(self.connectors)
        return self.connectors

    def wait_ready(self, child: Child) -> None:
        """Return when a worker or the connectors say they are ready."""
        wanted = "connectors.ready" if child.name.startswith("connectors") else "worker.ready"

        def ready() -> bool:
            assert child.ended() is None, f"{child.name} ended with {child.ended()}:\n{tail(child)}"
            return any(row.get("event") == wanted for row in child.lines())

        until(ready, READY_SECONDS, f"{child.name} ready\n{tail(child)}")

    def order(self, child: Child, step: str, number: signal.Signals) -> None:
        """Have a worker send itself a signal when a flush next reaches the step; returns when it did."""
        path = self.folder / "orders" / child.name
        (path.with_suffix(".part")).write_text(json.dumps({"step": step, "signal": number.name}))
        path.with_suffix(".part").rename(path)
        until(lambda: not path.exists(), 30, f"{child.name} at {step}")

    def kill(self, child: Child) -> None:
        """kill -9."""
        child.popen.kill()
        child.popen.wait(10)

    def pause(self, child: Child) -> None:
        """SIGSTOP."""
        os.kill(child.popen.pid, signal.SIGSTOP)

    def resume(self, child: Child) -> None:
        """SIGCONT."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.popen.pid, signal.SIGCONT)

    def stop(self, child: Child, seconds: float = 20) -> int:
        """SIGTERM; its exit code."""
        child.popen.send_signal(signal.SIGTERM)
        return child.popen.wait(seconds)

    def make_whole(self) -> None:
        """One worker and the connectors are up, whatever a test did to them."""
        self.workers = [child for child in self.workers if child.ended() is None]
        if not self.workers:
            self.start_worker()
        if self.connectors.ended() is not None:
            self.start_connectors()

    def revive(self) -> list[str]:
        """Start again what ended, as a supervisor does; names of what had ended."""
        dead = [c for c in (*self.workers, self.connectors) if c.ended() not in (None, 0, -signal.SIGKILL)]
        for child in dead:
            said = [row["cause"] for row in child.lines() if row.get("event") == "engine.stopping"]
            self.given_up.append(f"{child.name} ended with {child.ended()}: {'; '.join(said)}")
            if child in self.workers:
                self.workers.remove(child)
                self.start_worker(wait=False)
            else:
                self.start_connectors(wait=False)
        return [child.name for child in dead]

    # -- wires and answers

    def send(self, sends: Sequence[Send], per_second: float = 60.0) -> Senders:
        """Begin to play sends; the clock jumps to the moment of the last."""
        moved(self.clock, sends)
        given = {partner: self.secret(partner) for partner in SECRETS}
        addresses = Addresses("127.0.0.1", self.ports["mllp"], self.intake_url, self.drop, given)
        log = self.folder / f"sender-{len(self.played)}.jsonl"
        senders = Senders(sends, addresses, self.clock, log, per_second)
        self.played.append(senders)
        senders.start()
        return senders

    def counted(self) -> dict[str, dict[str, int]]:
        """The connectors' own counts."""
        return read_outcomes(httpx.get(f"{self.intake_url}/metrics", timeout=10).text)

    def metrics(self, url: str = "") -> str:
        """The connectors' metrics page, or another."""
        return httpx.get(url or f"{self.intake_url}/metrics", timeout=10).text

    def worker_metrics(self, child: Child) -> str:
        """A worker's metrics page; empty while it is not there to ask."""
        if child.ended() is not None or not any(r.get("event") == "worker.ready" for r in child.lines()):
            return ""
        try:
            return self.metrics(f"{self.worker_url(child)}/metrics")
        except httpx.HTTPError:
            return ""  # it ended just now

    def worker_url(self, child: Child) -> str:
        """A worker's health listener."""
        ready = next(row for row in child.lines() if row.get("event") == "worker.ready")
        return f"http://127.0.0.1:{ready['health_port']}"

    def view(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """Lines of a view, as any outsider reads them."""
        said = httpx.get(f"{self.board_url}/v1/views/{name}", params=filters, timeout=20)
        said.raise_for_status()
        return [json.loads(line) for line in said.text.splitlines()]

    def live(self) -> list[str]:
        """Every line of the HTTP export but feeds; freshness left out, for it follows the clock."""
        found: list[str] = []
        for name in VIEWS:
            said = httpx.get(f"{self.board_url}/v1/views/{name}", timeout=20)
            said.raise_for_status()
            found += [without_freshness(line) for line in said.text.splitlines()]
        return found

    def applied(self) -> int:
        """Records the board has applied so far."""
        count: int = httpx.get(f"{self.board_url}/v1/health/ready", timeout=20).json().get("applied", -1)
        return count

    def files_taken(self) -> bool:
        """Whether no file waits in a drop folder."""
        return not [path for path in self.drop.glob("*/*") if path.is_file()]


def until(done: Callable[[], bool], seconds: float, why: str, every: float = 0.05) -> float:
    """Wait, bounded; gives the seconds it took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {why}"
        time.sleep(every)
    return time.monotonic() - began


def answers(url: str) -> bool:
    """Whether a health page says yes."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def tail(child: Child) -> str:
    """The end of a process's log."""
    return "\n".join(child.log.read_text(errors="replace").splitlines()[-12:])


def read_all(coroutine: Any) -> Any:
    """Run a reading coroutine to its end, bounded."""

    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await coroutine

    return asyncio.run(bounded())
