"""The command line: what exists, its exit codes, and that it says what is wrong in one line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli.main import homeward, run
from runtime.brokers.process import answers, free_port
from runtime.kafka.admin import cluster
from runtime.kafka.producer import Producer
from schemas.catalogue import HOSPITAL_SPELL, IDENTITY_PERSON
from schemas.codec import encode
from schemas.samples import sample

HOMEWARD = Path(sys.executable).with_name("homeward")


@pytest.fixture(autouse=True)
def only_our_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine do not count here."""
    for name in list(os.environ):
        if name.startswith("HOMEWARD_") or name in ("KAFKA_BOOTSTRAP", "ENGINE"):
            monkeypatch.delenv(name)


def commands(group: Any) -> list[tuple[str, ...]]:
    """Every command there is, by its words."""
    import click

    found: list[tuple[str, ...]] = []
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, *words) for words in commands(command)]
    return found


def json_lines(text: str) -> list[dict[str, Any]]:
    """The JSON objects a command printed."""
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("words", commands(homeward), ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    assert f"Usage: homeward {' '.join(words)}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such"], 2, "No such command"),
        (["topics", "plan"], 2, "KAFKA_BOOTSTRAP is not set"),
        (["tail", IDENTITY_PERSON], 2, "identifiable"),
        (["tail", HOSPITAL_SPELL, "--where", "kind"], 2, "FIELD=VALUE"),
        (["tail", HOSPITAL_SPELL, "--since", "soon"], 2, "ISO 8601"),
    ],
)
def test_usage_and_configuration_end_with_2(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == code
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_an_unreachable_broker_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    assert run(["topics", "plan"]) == 3
    assert "unreachable" in capsys.readouterr().err


def test_doctor_shows_every_setting_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET_KEY", "ab" * 32)
    monkeypatch.setenv("HOMEWARD_KEY_REF", "env:SECRET_KEY")
    monkeypatch.setenv("HOMEWARD_KAFKA_USERNAME", "canary-user")
    assert run(["doctor", "--format", "json"]) == 0
    out = capsys.readouterr().out
    checks = {row["check"]: row["ok"] for row in json_lines(out) if "check" in row}
    assert checks == dict.fromkeys(("python", "java", "broker", "keys", "clock", "partners"), True)
    assert "canary-user" not in out
    assert "ab" * 32 not in out
    assert "SECRET_KEY" not in out


def test_doctor_ends_with_2_where_a_key_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEWARD_KEY_REF", "env:NOT_SET_ANYWHERE")
    assert run(["doctor", "--format", "json"]) == 2
    assert '"check":"keys","ok":false' in capsys.readouterr().out


def test_the_contract_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["contract", "check", "--format", "json"]) == 0
    assert capsys.readouterr().out == ""


def test_a_changed_release_is_a_breach(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["contract", "check", "--folder", str(tmp_path), "--format", "json"]) == 1
    assert json_lines(capsys.readouterr().out)


def test_topics_are_applied_and_what_is_on_them_is_shown(
    bed: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", bed.bootstrap)
    assert run(["topics", "apply", "--format", "json"]) == 0
    capsys.readouterr()
    assert run(["topics", "plan", "--format", "json"]) == 0
    assert capsys.readouterr().out == ""
    record = sample("SpellAdmitted") | {"person_key": bed.name("p1:TAIL")}

    async def publish() -> None:
        async with Producer(bed.bootstrap) as producer:
            await producer.publish(HOSPITAL_SPELL, record["person_key"], encode("SpellAdmitted.v1", record))
            await producer.publish(HOSPITAL_SPELL, record["person_key"], b"garbage")

    asyncio.run(publish())
    where = ["--where", f"key={record['person_key']}", "--format", "json"]
    assert run(["tail", HOSPITAL_SPELL, *where]) == 0
    admitted, garbage = json_lines(capsys.readouterr().out)
    assert (admitted["kind"], admitted["thing"]) == ("SpellAdmitted", record["thing"])
    assert (garbage["kind"], garbage["undecodable"], garbage["bytes"]) == (None, "UNDECODABLE", 7)


@pytest.mark.kafka
@pytest.mark.slow
def test_make_kafka_starts_one_and_leaves_nothing(brokers: Any) -> None:
    environment = {**os.environ, "HOMEWARD_CACHE": str(brokers.cache)}
    command = [HOMEWARD, "kafka", "start"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        said = json.loads(child.stdout.readline())
        with cluster(said["bootstrap"]) as found:
            assert found.id()
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 0
    assert not answers(int(said["bootstrap"].split(":")[1]))


def test_the_registry_serves_the_committed_ids() -> None:
    import httpx

    port = free_port()
    with subprocess.Popen(
        [HOMEWARD, "run", "registry", "--port", str(port)], stdout=subprocess.PIPE
    ) as child:
        try:
            subject = f"{HOSPITAL_SPELL}-toc.SpellAdmitted"
            deadline = time.monotonic() + 30
            found: Any = None
            while found is None and time.monotonic() < deadline:
                try:
                    found = httpx.get(f"http://127.0.0.1:{port}/subjects/{subject}/versions/latest").json()
                except httpx.TransportError:
                    time.sleep(0.1)
            assert found["subject"] == subject
        finally:
            child.terminate()
            child.wait(10)
