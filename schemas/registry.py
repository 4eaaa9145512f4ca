"""A read-only schema registry, compatible with Confluent's HTTP API, serving the committed schemas and ids.

In: HTTP requests of a registry client in any language. Out: the schemas of `schemas/avro` under their ids of
`ids.json`. It never registers, changes or deletes anything: the repository is the place for that.
A subject is `<topic>-toc.<record>` (Confluent's TopicRecordNameStrategy), `toc.<record>`
(RecordNameStrategy), or, where a topic has one record, `<topic>-value`.
"""
from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from functools import cache
from typing import Any, Final

from schemas.catalogue import TOPICS
from schemas.errors import ContractViolation
from schemas.released import RELEASED, VERSIONS, Schema, digest, schema, schema_by_id

JSON_TYPE: Final = b"application/vnd.schemaregistry.v1+json"
BODY_BYTES_MAX: Final = 1_000_000

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Answer = tuple[int, Any]

NO_SUBJECT: Final[Answer] = (404, {"error_code": 40401, "message": "Subject not found"})
NO_VERSION: Final[Answer] = (404, {"error_code": 40402, "message": "Version not found"})
NO_SCHEMA: Final[Answer] = (404, {"error_code": 40403, "message": "Schema not found"})
NOT_FOUND: Final[Answer] = (404, {"error_code": 404, "message": "Not found"})
NOT_A_SCHEMA: Final[Answer] = (422, {"error_code": 42201, "message": "Invalid schema"})
READ_ONLY: Final[Answer] = (
    403, {"error_code": 403, "message": "Read-only: schemas are released in the repository, schemas/avro"},
)
TOO_LARGE: Final[Answer] = (413, {"error_code": 413, "message": "Body too large"})


@cache
def subjects() -> dict[str, str]:
    """Every subject the registry answers for -> record name."""
    return dict(sorted(_subjects()))


def _subjects() -> Iterator[tuple[str, str]]:
    for topic in TOPICS.values():
        for kind in topic.kinds:
            yield f"toc.{kind}", kind
            if not topic.pattern:
                yield f"{topic.name}-toc.{kind}", kind
        if len(topic.kinds) == 1 and not topic.pattern:
            yield f"{topic.name}-value", topic.kinds[0]


def answer(method: str, path: str, body: bytes = b"") -> Answer:
    """Answer one request: (status, JSON document). Pure; the whole of the API."""
    parts = tuple(part for part in path.split("/") if part)
    if method == "POST":
        return _lookup(parts[1], body) if len(parts) == 2 and parts[0] == "subjects" else READ_ONLY
    if method not in {"GET", "HEAD"}:
        return READ_ONLY
    match parts:
        case ():
            return 200, {}
        case ("subjects",):
            return 200, list(subjects())
        case ("schemas", "types"):
            return 200, ["AVRO"]
        case ("schemas", "ids", number, *rest):
            return _by_id(number, rest)
        case ("subjects", subject, "versions"):
            kind = subjects().get(subject)
            return (200, list(VERSIONS[kind])) if kind else NO_SUBJECT
        case ("subjects", subject, "versions", version, *rest) if rest in ([], ["schema"]):
            return _by_version(subject, version, raw=bool(rest))
        case ("config",) | ("config", _):
            return 200, {"compatibilityLevel": "FULL_TRANSITIVE"}
        case ("mode",) | ("mode", _):
            return 200, {"mode": "READONLY"}
        case _:
            return NOT_FOUND


def _by_id(number: str, rest: list[str]) -> Answer:
    try:
        found = schema_by_id(int(number))
    except (ContractViolation, ValueError):
        return NO_SCHEMA
    match rest:
        case []:
            return 200, {"schema": json.dumps(found.document)}
        case ["schema"]:
            return 200, found.document
        case ["subjects"]:
            return 200, [subject for subject, kind in subjects().items() if kind == found.kind]
        case ["versions"]:
            here = [subject for subject, kind in subjects().items() if kind == found.kind]
            return 200, [{"subject": subject, "version": found.version} for subject in here]
        case _:
            return NOT_FOUND


def _described(subject: str, found: Schema) -> dict[str, Any]:
    text = json.dumps(found.document)
    head = {"subject": subject, "version": found.version, "id": found.id}
    return {**head, "schemaType": "AVRO", "schema": text}


def _by_version(subject: str, version: str, *, raw: bool) -> Answer:
    kind = subjects().get(subject)
    if kind is None:
        return NO_SUBJECT
    try:
        found = schema(kind) if version in {"latest", "-1"} else schema(f"{kind}.v{int(version)}")
    except (ContractViolation, ValueError):
        return NO_VERSION
    return 200, found.document if raw else _described(subject, found)


def _lookup(subject: str, body: bytes) -> Answer:
    """Find the released version equal to the schema in the body, as serializers ask before they write."""
    kind = subjects().get(subject)
    if kind is None:
        return NO_SUBJECT
    try:
        sought = digest(json.loads(json.loads(body)["schema"]))
    except (ValueError, KeyError, TypeError):
        return NOT_A_SCHEMA
    for version in VERSIONS[kind]:
        if RELEASED[f"{kind}.v{version}"].sha256 == sought:
            return 200, _described(subject, schema(f"{kind}.v{version}"))
    return NO_SCHEMA


def registry_app() -> App:
    """Make the ASGI application; the caller chooses where it listens (loopback unless told otherwise)."""
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            body = await _body(receive)
            found = TOO_LARGE if body is None else answer(scope["method"], scope["path"], body)
            await _reply(send, *found, bodiless=scope["method"] == "HEAD")
    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes | None:
    chunks = bytearray()
    while True:
        message = await receive()
        chunks += message.get("body", b"")
        if len(chunks) > BODY_BYTES_MAX:
            return None
        if not message.get("more_body"):
            return bytes(chunks)


async def _reply(send: Send, status: int, document: Any, *, bodiless: bool) -> None:
    payload = json.dumps(document).encode()
    headers = [(b"content-type", JSON_TYPE), (b"content-length", str(len(payload)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bodiless else payload})
