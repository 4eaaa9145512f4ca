"""`homeward kafka start`: a real single-node Apache Kafka on this machine, for development and tests."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from cli.output import emit_json
from runtime.brokers.kafka import KafkaBroker
from runtime.settings import load_settings


@click.group()
def command() -> None:
    """A real Apache Kafka (KRaft, one node) from Maven jars; needs Java 17, and Maven once."""


@command.command()
@click.option("--port", default=0, show_default="a free one", help="loopback port")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="keep records here (default: gone when it stops)"
)
def start(port: int, folder: Path | None) -> None:
    """Start it, print its address as JSON, run until interrupted.

    \b
    make kafka
    export KAFKA_BOOTSTRAP=127.0.0.1:…
    """
    over = threading.Event()
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, lambda *_: over.set())
    broker = KafkaBroker(load_settings().cache, folder)
    try:
        broker.start(port)
        emit_json({"bootstrap": broker.bootstrap, "log": str(broker.folder / "kafka.log")})
        click.echo(f"export KAFKA_BOOTSTRAP={broker.bootstrap}", err=True)
        while not over.wait(0.5) and broker.process is not None and broker.process.alive():
            pass
    finally:
        broker.stop()
        broker.close()
