"""A broker as a child process: free loopback port, log to a file, bounded waits, ended by its own pid.

The child is tied to us: on Linux the kernel ends it when we die, elsewhere our exit does.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from runtime.errors import Transient

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.03
_SETTLE_SECONDS = 0.1
_TAIL_LINES = 15


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def answers(port: int, seconds: float = 1.0) -> bool:
    """Whether a broker answers ApiVersions there: an open port alone is not a broker that serves."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as sock:
            sock.sendall(struct.pack(">i", len(request)) + request)
            head = sock.recv(10)
    except OSError:
        return False
    return len(head) == 10 and struct.unpack(">iih", head)[1] == 1


def follow_parent() -> Callable[[], None] | None:
    """Ask Linux to end the child with us; only from the main thread, as the signal is the forking
    *thread*'s.
    """
    if not sys.platform.startswith("linux") or threading.current_thread() is not threading.main_thread():
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class BrokerProcess:
    """A started broker. `stop` is idempotent; `kill`, `pause` and `resume` are for fault tests."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,
                preexec_fn=follow_parent(),  # noqa: PLW1509  (one prctl call, no locks taken)
            )
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for `ready`, at most so long; a late one is killed.

        Raises Transient with the end of the log.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.alive():
                raise Transient(
                    f"broker ended with code {self._child.returncode}; its log ends:\n{self.tail()}"
                )
            if ready() and self._settled():
                return
            time.sleep(_POLL_SECONDS)
        self.kill()
        raise Transient(f"broker not ready after {seconds:.0f} s; its log ends:\n{self.tail()}")

    def _settled(self) -> bool:
        """Whether it is still there after a moment: who answered may be another, on a port it took first."""
        time.sleep(_SETTLE_SECONDS)
        return self.alive()

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])

    def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM, a bounded wait, then SIGKILL."""
        if self.alive():
            self.resume()
            self._child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, and reap it."""
        if self.alive():
            self._child.kill()
        self._child.wait(10)
        atexit.unregister(self.kill)

    def pause(self) -> None:
        """SIGSTOP: alive, and answering nothing; returns when it stands still."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)
