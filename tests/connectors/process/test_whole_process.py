"""The whole connectors process on a broker: wires in, topics out; killed between any two steps."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from connectors.archive import Archive
from connectors.broker import BrokerReader
from connectors.envelope import RawKeys
from connectors.ports import Placed, Stored
from connectors.transports.frames import wrap
from runtime.brokers.process import free_port
from runtime.kafka.admin import cluster, wanted_topics
from runtime.kafka.producer import Producer
from runtime.pseudonym import KeyRing
from runtime.settings import load_settings
from runtime.signatures import sign
from schemas.catalogue import (
    CAPACITY,
    CARE_PACKAGE,
    FEED,
    HOSPITAL_SPELL,
    HUB_WORKLIST,
    NOTICE,
    NOTICE_OWED,
    QUARANTINE,
    raw_topic,
)
from schemas.codec import decode, encode
from schemas.errors import ContractViolation
from tests.conftest import Bed
from tests.connectors.process.parts import FakeBroker

HERE = Path(__file__).resolve().parent
CANARY = "ZEPPELINA"
KEY = "p1:" + "B" * 26
TOLD = {"toc.notice.sent.v1", "toc.notice.acknowledged.v1"}
STAMP = time.strftime("%Y%m%d%H%M", time.gmtime(time.time() - 3600))
"""An hour ago: the bytes of a message must be the same when it is sent again."""


def message(number: int, name: str = CANARY, patient_class: str = "I") -> bytes:
    now = STAMP
    return (
        f"MSH|^~\\&|PAS|RJZ|ROUTE|ROUTE|{now}||ADT^A01^ADT_A01|C{number}|P|2.4\r"
        f"EVN||{now}|||1^Clerk|{now}\r"
        f"PID|1||77{number:05d}^^^RJZ^MR||{name}^ANN||19401213|2\r"
        f"PV1|1|{patient_class}|OAK^BAY2^6^RJZ30|21||||||300||||19||N|||W{number}^^^RJZ-VISIT"
        f"|||||||||||||||||||||||||{now}\r"
    ).encode()


def hub_list() -> str:
    """One row of the hub's list, an hour old."""
    hour_ago = time.strftime("%d/%m/%Y %H:%M", time.gmtime(time.time() - 3600))
    header = (
        "MRN,NHS No,DOB,Visit,Ward,Bed,Meets CtR,CtR reviewed,Reviewer role,Pathway exp,Pathway conf,EDD,"
    )
    header += "Delay reason,Owner,Task,Task state,Task changed,Planned start"
    row = f"7700001,,13/12/1940,W1,OAK,6,N,{hour_ago},consultant,1,,,,hub,,,,"
    return f"{header}\n{row}\n#rows=1\n"


class Place:
    """A Bromley of its own: partners nobody else uses, a drop folder, secrets."""

    def __init__(self, bed: Bed, folder: Path) -> None:
        self.bed, self.folder = bed, folder
        self.mark = bed.name("x").removeprefix("x-")
        text = (HERE.parents[2] / "places" / "bromley.toml").read_text(encoding="utf-8")
        self.names = {}
        for name in (
            "pruh-adt",
            "hub-list",
            "lbb-webhook",
            "homeward",
            "pruh-census",
            "lbb-csv",
            "bwell-webhook",
            "bwell-csv",
            "pruh-sitrep",
            "sel-figures",
        ):
            self.names[name] = f"{name}-{self.mark}"
            text = text.replace(f"[partners.{name}", f"[partners.{name}-{self.mark}")
            text = text.replace(f'"{name}"', f'"{name}-{self.mark}"')
        self.further: dict[str, str] = {}
        self.toml = folder / "place.toml"
        self.toml.write_text(text, encoding="utf-8")
        self.reader = BrokerReader(bed.bootstrap, bed.traits)
        settings = load_settings()
        with cluster(bed.bootstrap) as topics:
            topics.apply(topics.plan(wanted_topics(list(self.names.values()), settings)))

    def environment(self) -> dict[str, str]:
        given = {
            "KAFKA_BOOTSTRAP": self.bed.bootstrap, "HOMEWARD_MLLP_PORT": "0", "HOMEWARD_INTAKE_PORT": "0",
            "HOMEWARD_DROP": str(self.folder / "drop"), "HOMEWARD_SECRET_LBB": "secret",
            "HOMEWARD_SECRET_FIGURES": "secret",
            "PYTHONPATH": str(HERE.parents[2]),
        }  # fmt: skip
        return {**os.environ, **given, **self.further}

    def read(self, topic: str) -> list[Stored]:
        async def play() -> list[Stored]:
            return [stored async for stored in self.reader.to_end(topic)]

        return asyncio.run(play())

    def records(self, topic: str) -> list[dict[str, Any]]:
        """Records of our partners on a topic. The broker is shared: other tests plant records on it that do
        not decode.
        """
        found = []
        for stored in self.read(topic):
            with contextlib.suppress(ContractViolation):
                found.append(decode(stored.value or b"")[1])
        return [record for record in found if record["partner"].endswith(self.mark)]

    def raw(self, partner: str) -> list[Stored]:
        return self.read(raw_topic(self.names[partner]))

    def visits(self) -> list[str]:
        """Visit numbers of the admissions on the spell topic, each as often as it stands there."""
        return [record["visit_number"] for record in self.records(HOSPITAL_SPELL)]


class Running:
    """A started connectors process."""

    def __init__(self, place: Place, step: str = "never", nth: int = 1) -> None:
        self.log = place.folder / f"{time.monotonic_ns()}.log"
        command = [sys.executable, str(HERE / "dying_process.py"), str(place.toml), step, str(nth)]
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=place.environment()
            )
        self.listeners: dict[str, dict[str, Any]] = {}
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            row = json.loads(line)
            self.listeners[row["partner"].rsplit("-", 1)[0]] = row
            if len(self.listeners) == len(place.names):
                return
        raise AssertionError(self.log.read_text())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(20)
        assert self.popen.stdout is not None
        self.popen.stdout.close()

    def mllp(self) -> socket.socket:
        row = self.listeners["pruh-adt"]
        found = socket.create_connection((row["host"], row["port"]), 10)
        found.settimeout(20)
        return found

    @property
    def url(self) -> str:
        row = self.listeners["lbb-webhook"]
        return f"http://{row['host']}:{row['port']}"


def ask(connection: socket.socket, body: bytes) -> str:
    """Send one message; the MSA code, or nothing when the connection ended without an answer."""
    reply = b""
    try:
        connection.sendall(wrap(body))
        while not reply.endswith(b"\x1c\r"):
            part = connection.recv(65536)
            if not part:
                return ""
            reply += part
    except ConnectionError:
        return ""
    return next(line for line in reply.decode().split("\r") if line.startswith("MSA")).split("|")[1]


def until(done: Any, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


@pytest.mark.slow
class TestWholeProcess:
    """One process, all wires."""

    def test_wires_in_topics_out(self, bed: Bed, tmp_path: Path) -> None:
        place = Place(bed, tmp_path)
        with Running(place) as process:
            with process.mllp() as connection:
                assert ask(connection, message(1)) == "AA"
                assert ask(connection, message(1)) == "AA"
                assert ask(connection, message(2, "OUTOFSCOPEONE", "O")) == "AA"
                assert ask(connection, message(3).replace(b"ADT^A01", b"ADT^A20")) == "AA"
                assert ask(connection, b"no header at all OUT") == "AR"
                assert ask(connection, b"MSH|^~\\&|" + b"x" * (1 << 20)) == "AR"
            body = json.dumps({
                "event": "package.started", "package_id": "P1", "person": {"id": "7", "family": CANARY},
                "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "service_type": "homecare",
            }).encode()  # fmt: skip
            codes = [self._webhook(process, place, body, secret) for secret in ("secret", "secret", "wrong")]
            assert codes == [202, 200, 401]
            drop = tmp_path / "drop" / place.names["hub-list"]
            name = time.strftime("hublist-%Y%m%dT%H%M%S.csv", time.gmtime(time.time() - 600))
            (drop / "later.part").write_text(hub_list(), encoding="utf-8")
            (drop / "later.part").rename(drop / name)
            until(lambda: any(path.name == name for path in drop.glob("*/*")))
            assert (drop / "done" / name).exists()
            self._figures(process, place, tmp_path / "drop" / place.names["pruh-sitrep"])
            page = httpx.get(f"{process.url}/metrics").text
            assert httpx.get(f"{process.url}/v1/health/ready").status_code == 200
            log = process.log
        partner = place.names["pruh-adt"]
        assert f'toc_messages_total{{cause="out of scope",outcome="ignored",partner="{partner}"}} 1.0' in page
        assert f'toc_refusals_total{{partner="{partner}",reason="TOO_LARGE"}} 1.0' in page
        assert place.visits() == ["W1"]
        assert len(place.records(CARE_PACKAGE)) == 1
        assert place.records(HUB_WORKLIST)
        figures = [(r["part"], r.get("beds_open"), r.get("value")) for r in place.records(CAPACITY)]
        assert sorted(figures, key=str) == [("", None, 14.0), ("OAK", 28, None), ("OAK", 29, None)]
        assert {stored.key for stored in place.read(CAPACITY)} >= {b"RJZ30"}
        assert {r["reason"] for r in place.records(QUARANTINE) if r["partner"] == partner} == {
            "UNSUPPORTED_EVENT",
            "UNREADABLE",
        }
        assert partner in {record["partner"] for record in place.records(FEED)}
        assert len(place.raw("pruh-adt")) == 3
        self._nothing_in_clear(place, log)

    def _figures(self, process: Running, place: Place, drop: Path) -> None:
        """By signed webhook, sent twice and restated; by file, one of whose rows is refused."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        said = {"event": "beds.reported", "site": "RJZ30", "part": "OAK", "as_at": at, "recorded_at": at}
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        bodies = [said | {"beds_open": 28}, said | {"beds_open": 28}]
        bodies.append(said | {"beds_open": 29, "recorded_at": later})
        sent = [json.dumps(body).encode() for body in bodies]
        codes = [self._webhook(process, place, body, "secret", "sel-figures") for body in sent]
        assert codes == [202, 200, 202]
        name = time.strftime("sitrep-%Y%m%dT%H%M.csv", time.gmtime(time.time() - 7200))
        header = "Site,Ward,As at,Open,Escalation,Occupied,Closed,Closed IPC,Closed IPC empty,Metric,By,Value"
        rows = ["RJZ30,,,,,,,,,decision to admit,,14", "RJZ30,,,,,,,,,moon phase,,3"]
        (drop / "later.part").write_text("\n".join([header, *rows, "#rows=2", ""]), encoding="utf-8")
        (drop / "later.part").rename(drop / name)
        until(lambda: any(path.name == name for path in drop.glob("*/*")))

    def _webhook(
        self, process: Running, place: Place, body: bytes, secret: str, partner: str = "lbb-webhook"
    ) -> int:
        now = int(time.time())
        headers = {"Homeward-Timestamp": str(now), "Homeward-Signature": sign(secret.encode(), now, body)}
        return httpx.post(
            f"{process.url}/v1/webhooks/{place.names[partner]}", content=body, headers=headers
        ).status_code

    def _nothing_in_clear(self, place: Place, log: Path) -> None:
        stored = (
            place.raw("pruh-adt")
            + place.raw("lbb-webhook")
            + place.read(HOSPITAL_SPELL)
            + place.read(QUARANTINE)
        )
        values = [bytes(one.value or b"") + bytes(one.key or b"") for one in stored] + [log.read_bytes()]
        assert not [value for value in values if CANARY.encode() in value or b"OUTOFSCOPEONE" in value]


@pytest.mark.slow
class TestNoticesOnTheWire:
    """From the owed topic to the example subscriber, and back onto the notice topic through our intake."""

    def test_owed_is_sent_acknowledged_and_not_told_again_after_a_restart(
        self, bed: Bed, tmp_path: Path
    ) -> None:
        place = Place(bed, tmp_path)
        port, notice = free_port(), f"n-{place.mark}"
        place.further = {
            "HOMEWARD_NOTICE_URL": f"http://127.0.0.1:{port}",
            "HOMEWARD_SECRET_NOTICES": "told",
            "HOMEWARD_SECRET_OWN": "own",
        }
        command = [sys.executable, str(HERE.parents[2] / "examples" / "subscriber.py"), str(port)]
        inbox = subprocess.Popen(command, env=place.environment(), stdout=subprocess.PIPE, text=True)
        try:
            asyncio.run(self._owe(bed, notice))
            for _ in range(2):
                with Running(place) as process:
                    until(
                        lambda: (
                            self._said(place, notice) == {"toc.notice.sent.v1", "toc.notice.acknowledged.v1"}
                        ),
                        30,
                    )
                    assert self._acknowledge(process, notice, "told") == 202
                    assert self._acknowledge(process, notice, "stranger") == 401
        finally:
            inbox.terminate()
            printed, _ = inbox.communicate(timeout=10)
        assert len([line for line in printed.splitlines() if place.mark in line]) == 1
        assert len(place.raw("homeward")) >= 2, "what we told is in the archive, so a replay knows it"

    async def _owe(self, bed: Bed, notice: str) -> None:
        now = time.time_ns() // 1000
        record = {
            "event_id": notice, "partner": "worker", "person_key": KEY, "thing": notice, "occurred_at": now,
            "recorded_at": now, "received_at": now, "recipient": "gp", "fact": "discharged", "fact_id": "f",
            "about": notice.removeprefix("n-"),
        }  # fmt: skip
        async with Producer(bed.bootstrap) as producer:
            await producer.publish(NOTICE_OWED, KEY, encode("NoticeOwed.v1", record))

    def _said(self, place: Place, notice: str) -> set[str]:
        found = [
            stored
            for stored in place.read(NOTICE)
            if stored.value and decode(stored.value)[1]["thing"] == notice
        ]
        assert all(stored.key == KEY.encode() for stored in found)
        return {dict(stored.headers)["ce_type"].decode() for stored in found}

    def _acknowledge(self, process: Running, notice: str, secret: str) -> int:
        now = int(time.time())
        headers = {"Homeward-Timestamp": str(now), "Homeward-Signature": sign(secret.encode(), now, b"")}
        return httpx.post(f"{process.url}/v1/notices/{notice}/acknowledge", headers=headers).status_code


@pytest.mark.slow
@pytest.mark.fault
class TestKilled:
    """kill between archive, events and answer: duplicates are allowed, loss is not."""

    @pytest.mark.parametrize("step", ["archived", "published", "quarantined"])
    def test_what_was_answered_is_on_the_topics_after_a_restart(
        self, bed: Bed, tmp_path: Path, step: str
    ) -> None:
        place = Place(bed, tmp_path)
        answers: dict[int, str] = {}
        with Running(place, step, 8) as process, process.mllp() as connection:
            for number in range(20):
                answers[number] = ask(connection, message(number))
                if not answers[number]:
                    break
            process.popen.wait(10)
        answered = [number for number, code in answers.items() if code == "AA"]
        assert process.popen.returncode == 137
        assert len(answered) == 7
        assert len(place.raw("pruh-adt")) == 8
        with Running(place) as process, process.mllp() as connection:
            until(lambda: len(set(place.visits())) == 8)
            assert ask(connection, message(7)) == "AA"
            assert ask(connection, message(20)) == "AA"
            assert len(place.raw("pruh-adt")) == 9
        visits = place.visits()
        assert set(visits) == {f"W{number}" for number in [*range(8), 20]}
        ids = [record["event_id"] for record in place.records(HOSPITAL_SPELL)]
        assert len(set(ids)) == 9, "what is published twice has the same id"
        if step == "archived":
            with Running(place):
                pass
            assert len(place.visits()) == len(visits), "a clean stop leaves nothing to seal again"

    def test_the_archive_opens_to_the_senders_bytes(self, embedded_bed: Bed, tmp_path: Path) -> None:
        place = Place(embedded_bed, tmp_path)
        with Running(place) as process, process.mllp() as connection:
            assert ask(connection, message(1)) == "AA"
        (stored,) = place.raw("pruh-adt")

        async def play() -> bytes:
            keys = RawKeys.of_ring(KeyRing.offline())
            archive = Archive(place.names["pruh-adt"], keys, FakeBroker(), place.reader)
            return (await archive.open_raw(Placed(stored.partition, stored.offset), "test", "test")).body

        assert asyncio.run(play()) == message(1)
