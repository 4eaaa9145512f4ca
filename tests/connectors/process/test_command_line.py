"""`homeward run connectors --only` and `homeward quarantine`, as an operator uses them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runtime.kafka.admin import cluster, wanted_topics
from runtime.place import load_place
from runtime.settings import load_settings
from tests.conftest import Bed
from tests.connectors.process.test_whole_process import ask, message

HOMEWARD = [sys.executable, "-m", "cli.main"]


def homeward(environment: dict[str, str], *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """Run a command to its end; the JSON lines it printed."""
    done = subprocess.run(
        [*HOMEWARD, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.slow
class TestQuarantineCommands:
    """list → redrive (refused again, so exit 1) → discard → gone."""

    def test_an_operator_works_off_a_refusal(self, embedded_bed: Bed, tmp_path: Path) -> None:
        with cluster(embedded_bed.bootstrap) as topics:
            topics.apply(topics.plan(wanted_topics(list(load_place("bromley").partners), load_settings())))
        given = {"KAFKA_BOOTSTRAP": embedded_bed.bootstrap, "HOMEWARD_DROP": str(tmp_path / "drop")}
        environment = {**os.environ, **given}
        unsupported = message(os.getpid()).replace(b"ADT^A01", b"ADT^A20")
        self._send(environment, unsupported)
        listed = homeward(environment, "quarantine", "list", "--partner", "pruh-adt", "--format", "json")
        (row,) = [row for row in listed if row["message_id"] == f"C{os.getpid()}"]
        assert row["reason"] == "UNSUPPORTED_EVENT"
        assert "ZEPPELINA" not in json.dumps(listed)
        why = ["--reason", "trying again", "--by", "desk"]
        again = homeward(
            environment, "quarantine", "redrive", row["quarantine_id"], *why, "--format", "json", code=1
        )
        assert [(one["outcome"], one["reasons"]) for one in again] == [("quarantined", ["UNSUPPORTED_EVENT"])]
        homeward(environment, "quarantine", "discard", row["quarantine_id"], *why)
        left = homeward(environment, "quarantine", "list", "--format", "json")
        assert row["quarantine_id"] not in {one["quarantine_id"] for one in left}
        homeward(environment, "quarantine", "show", row["quarantine_id"], code=2)

    def _send(self, environment: dict[str, str], body: bytes) -> None:
        command = [*HOMEWARD, "run", "connectors", "--only", "pruh-adt", "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            assert process.stdout is not None
            row = json.loads(process.stdout.readline())
            assert (row["partner"], row["transport"]) == ("pruh-adt", "mllp")
            with socket.create_connection((row["host"], row["port"]), 10) as connection:
                assert ask(connection, body) == "AA"
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            if process.stdout:
                process.stdout.close()
