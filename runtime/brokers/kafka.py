"""A real single-node Apache Kafka (KRaft) from Maven jars: formatted and started in about 4 s, on free ports.

For the broker suite, fault tests and `make kafka`. It keeps its ports and its records over `stop` or
`kill` and `start`.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from runtime.brokers.jars import jars, java
from runtime.brokers.process import BrokerProcess, answers, free_port
from runtime.brokers.traits import KAFKA, PASSING_MARK, BrokerTraits
from runtime.errors import Transient

READY_SECONDS = 60.0
_HEAP = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC")
_LOGGING = tuple(f"-Dorg.slf4j.simpleLogger.{s}" for s in ("showDateTime=true", "defaultLogLevel=warn"))
_ATTEMPTS = 3

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
"""


class KafkaBroker:
    """A Kafka node with its own folder. `start` returns when it serves; the rest is `BrokerProcess`."""

    traits: BrokerTraits = KAFKA

    def __init__(
        self, cache: Path, folder: Path | None = None, properties: Mapping[str, str] | None = None
    ) -> None:
        """Prepare a node. `folder` keeps its records and log (default: one that `close` removes).

        `properties` are added to its configuration.
        """
        self._own = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="homeward-kafka-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._classpath = f"{jars(cache).resolve()}/*"
        self._properties = dict(properties or {})
        self.process: BrokerProcess | None = None
        self.port = 0

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self.port}"

    def start(self, port: int = 0) -> None:
        """Start it, formatting its folder first if that is new.

        Raises Transient if it does not serve in time.
        """
        if self.port:
            self._run()
            return
        for attempt in range(_ATTEMPTS):
            self.port = port or free_port()
            self._format()
            try:
                self._run()
            except Transient:
                # Another process may have taken a port between the choice and the start.
                if port or attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def stop(self) -> None:
        """A clean shutdown; records stay."""
        if self.process:
            self.process.stop(20.0)

    def kill(self) -> None:
        """kill -9; records stay, `start` recovers them."""
        self._running().kill()

    def pause(self) -> None:
        """SIGSTOP."""
        self._running().pause()

    def resume(self) -> None:
        """SIGCONT."""
        self._running().resume()

    def close(self) -> None:
        """End it, and remove its folder if it was made here."""
        if self.process:
            self.process.kill()
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _running(self) -> BrokerProcess:
        if self.process is None:
            raise Transient("this Kafka was never started")
        return self.process

    def _java(self, *arguments: str) -> list[str]:
        return [java(), *_HEAP, *_LOGGING, "-cp", self._classpath, *arguments]

    def _format(self) -> None:
        text = _PROPERTIES.format(port=self.port, controller=free_port(), logs=self.folder / "logs")
        text += "".join(f"{name}={value}\n" for name, value in self._properties.items())
        conf = self.folder / "server.properties"
        conf.write_text(text)
        cluster = base64.urlsafe_b64encode(PASSING_MARK + uuid.uuid4().bytes[9:]).decode().rstrip("=")
        # With "=": one id in 64 begins with a dash, which would be read as another flag.
        flags = ("--standalone", "--ignore-formatted", f"--cluster-id={cluster}", "-c", str(conf))
        command = self._java("kafka.tools.StorageTool", "format", *flags)
        said = subprocess.run(command, capture_output=True, text=True, timeout=READY_SECONDS, check=False)
        if said.returncode != 0:
            raise Transient(f"Kafka's folder could not be formatted:\n{said.stdout}{said.stderr}")

    def _run(self) -> None:
        command = self._java("kafka.Kafka", str(self.folder / "server.properties"))
        self.process = BrokerProcess(command, self.folder / "kafka.log")
        self.process.wait_until(lambda: answers(self.port), READY_SECONDS)


@contextlib.contextmanager
def kafka_broker(cache: Path, folder: Path | None = None, port: int = 0) -> Iterator[KafkaBroker]:
    """A running Kafka for the length of a block."""
    broker = KafkaBroker(cache, folder)
    try:
        broker.start(port)
        yield broker
    finally:
        broker.close()
