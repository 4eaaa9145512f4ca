"""The worked example: docker-compose.yml is valid, bound to loopback, and runs every process there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


def services() -> dict[str, Any]:
    """The services of the compose file, anchors resolved."""
    found: dict[str, Any] = YAML(typ="safe").load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def test_compose_file_fits_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [checker, "--builtin-schema", "vendor.compose-spec", COMPOSE]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_published_port_is_loopback() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]
    assert ports
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


def test_compose_runs_every_process_and_watches_it() -> None:
    running = {s["command"][1]: s for s in services().values() if s.get("command", [""])[0] == "run"}
    assert set(running) == {"worker", "connectors", "board", "registry"}
    assert all("healthcheck" in service for service in running.values())


def test_kafka_is_the_version_that_is_tested() -> None:
    pom = (ROOT / "runtime/brokers/pom.xml").read_text(encoding="utf-8")
    versions = set(
        re.findall(r"<groupId>org.apache.kafka</groupId>\s*<artifactId>.*\s*<version>([^<]+)<", pom)
    )
    assert versions == {services()["kafka"]["image"].split(":")[1]}


def test_no_service_is_given_a_secret_in_the_file() -> None:
    secrets = [
        (name, variable, value)
        for name, service in services().items()
        for variable, value in service.get("environment", {}).items()
        if "SECRET" in variable and not re.fullmatch(r"\$\{\w+:-\}", str(value))
    ]
    assert secrets == []
