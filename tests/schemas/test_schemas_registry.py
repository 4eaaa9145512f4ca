"""The registry speaks Confluent's HTTP API: proved with Confluent's own client as an independent reader."""
from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schemas.catalogue import KINDS, topic_of
from schemas.codec import decode, encode
from schemas.registry import answer, registry_app, subjects
from schemas.released import RELEASED, schema
from schemas.samples import sample


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A registry on a free loopback port."""
    server = uvicorn.Server(uvicorn.Config(registry_app(), host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def client(url: str) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": url})


@pytest.mark.parametrize("kind", KINDS)
def test_confluents_deserializer_reads_what_we_write(client: SchemaRegistryClient, kind: str) -> None:
    payload = encode(kind, sample(kind, "awkward"))
    context = SerializationContext(topic_of(kind), MessageField.VALUE)
    read = AvroDeserializer(client)(payload, context)
    assert read == decode(payload)[1]


def test_confluents_serializer_writes_what_we_read(client: SchemaRegistryClient) -> None:
    settings = {
        "auto.register.schemas": False, "subject.name.strategy": topic_record_subject_name_strategy,
    }
    writer = AvroSerializer(client, json.dumps(schema("SpellAdmitted").document), conf=settings)
    record = decode(encode("SpellAdmitted", sample("SpellAdmitted")))[1]
    payload = writer(record, SerializationContext(topic_of("SpellAdmitted"), MessageField.VALUE))
    assert decode(payload) == ("SpellAdmitted", record)
    assert payload == encode("SpellAdmitted", record)


def test_every_committed_id_is_served(client: SchemaRegistryClient) -> None:
    for name, row in RELEASED.items():
        assert json.loads(client.get_schema(row.id).schema_str) == schema(name).document
    assert set(client.get_subjects()) == set(subjects())
    latest = client.get_latest_version("toc.SpellAdmitted")
    assert (latest.schema_id, latest.version) == (RELEASED["SpellAdmitted.v1"].id, 1)
    assert client.get_versions("toc.SpellAdmitted") == [1]


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/schemas/ids/999999", 404, 40403), ("GET", "/schemas/ids/x", 404, 40403),
    ("GET", "/subjects/nothing/versions", 404, 40401),
    ("GET", "/subjects/toc.SpellAdmitted/versions/9", 404, 40402),
    ("GET", "/subjects/toc.SpellAdmitted/versions/../../ids", 404, 404), ("GET", "/elsewhere", 404, 404),
    ("POST", "/subjects/toc.SpellAdmitted/versions", 403, 403),
    ("DELETE", "/subjects/toc.SpellAdmitted", 403, 403),
    ("PUT", "/config", 403, 403), ("POST", "/subjects/toc.SpellAdmitted", 422, 42201),
])
def test_what_is_not_there_or_not_allowed_is_said_in_confluents_codes(
    method: str, path: str, status: int, code: int,
) -> None:
    got, document = answer(method, path, b"not json")
    assert (got, document["error_code"]) == (status, code)


@pytest.mark.parametrize(("path", "document"), [
    ("/", {}), ("/schemas/types", ["AVRO"]), ("/config", {"compatibilityLevel": "FULL_TRANSITIVE"}),
    ("/mode", {"mode": "READONLY"}), ("/schemas/ids/4/schema", schema("SpellAdmitted").document),
    ("/schemas/ids/4/versions", [
        {"subject": "toc.SpellAdmitted", "version": 1},
        {"subject": f"{topic_of('SpellAdmitted')}-toc.SpellAdmitted", "version": 1},
    ]),
])
def test_the_other_questions(path: str, document: Any) -> None:
    got, found = answer("GET", path)
    assert (got, found) == (200, document)


def test_an_unknown_schema_is_not_taken_in(url: str) -> None:
    asked = httpx.post(f"{url}/subjects/toc.SpellAdmitted", json={"schema": '{"type": "string"}'})
    assert (asked.status_code, asked.json()["error_code"]) == (404, 40403)
    assert httpx.post(f"{url}/subjects/x", content=b"a" * 1_000_001).status_code == 413
    seen = httpx.head(f"{url}/subjects")
    assert (seen.status_code, seen.content) == (200, b"")
