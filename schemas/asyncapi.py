"""The contract as an AsyncAPI 3 document, made from `topics.toml`, the Avro files and the examples.

In: the committed contract. Out: one JSON document, `docs/asyncapi.json`, which a test makes anew and
compares. It is for subscribers: it names what Homeward's topics hold, in every language, without our package.
"""
from __future__ import annotations

from typing import Any, Final

from schemas.catalogue import BY_ID, Topic, ce_type
from schemas.headers import CONTENT_TYPE, NAMES, REQUIRED, headers
from schemas.released import schema
from schemas.samples import sample, sample_json

Document = dict[str, Any]

VERSION: Final = "1.0.0"
"""Version of the document: the major is the topics' major."""
SCHEMA_FORMAT: Final = "application/vnd.apache.avro+json;version=1.9.0"
BINDING: Final = "0.5.0"

_INFO: Final = {
    "title": "Homeward: transfer of care events",
    "version": VERSION,
    "description": (
        "What hospitals, councils and charities each know about a person leaving hospital, as past-tense "
        "facts on Kafka topics, and the live view folded from them. Keys are pseudonyms; values are framed "
        "Avro (0x00, 4-byte schema id, binary); the envelope is CloudEvents 1.0 in Kafka binary mode. Times "
        "are µs since the epoch, UTC. In a person event bit i of `withdrawn` says that the i-th field after "
        "it was deleted by its source, which is neither null nor absent."
    ),
    "license": {"name": "MIT"},
}


def document() -> Document:
    """Make the whole document: a function of the committed files only."""
    public = {short: topic for short, topic in BY_ID.items() if not topic.internal}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:homeward:transfer-of-care",
        "info": _INFO,
        "defaultContentType": CONTENT_TYPE,
        "channels": {short: _channel(topic) for short, topic in public.items()},
        "operations": {f"publish-{short}": _operation(short, topic) for short, topic in public.items()},
        "components": {
            "messages": {kind: _message(kind) for topic in public.values() for kind in topic.kinds},
            "schemas": {"CloudEventsHeaders": _headers()},
        },
    }


def _channel(topic: Topic) -> Document:
    found: Document = {
        "address": topic.name.replace("<", "{").replace(">", "}"),
        "description": topic.purpose,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in topic.kinds},
        "bindings": {"kafka": _kafka_channel(topic)},
        "x-key": topic.key,
        "x-data-class": topic.data_class,
        "x-owner": topic.owner,
        "x-producers": list(topic.producers),
        "x-consumers": list(topic.consumers),
    }
    if topic.pattern:
        found["parameters"] = {"partner": {"description": "Instance name, as in places/*.toml."}}
    return found


def _kafka_channel(topic: Topic) -> Document:
    settings: Document = {
        name: int(value) for name, value in topic.settings().items() if name in _NUMERIC
    }
    found: Document = {
        "partitions": topic.partitions,
        "topicConfiguration": {"cleanup.policy": [topic.cleanup], **settings},
        "bindingVersion": BINDING,
    }
    if not topic.pattern:
        found["topic"] = topic.name
    return found


_NUMERIC: Final = {"retention.ms", "delete.retention.ms"}
"""The numeric settings the Kafka binding of AsyncAPI knows."""


def _operation(short: str, topic: Topic) -> Document:
    producers, consumers = ", ".join(topic.producers), ", ".join(topic.consumers)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{short}"},
        "summary": f"Homeward ({producers}) publishes; read by {consumers}.",
        "messages": [{"$ref": f"#/channels/{short}/messages/{kind}"} for kind in topic.kinds],
    }


def _message(kind: str) -> Document:
    found = schema(kind)
    return {
        "name": ce_type(kind),
        "title": kind,
        "summary": found.document["doc"],
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": found.document},
        "bindings": {"kafka": _kafka_message()},
        "x-schema-id": found.id,
        "x-schema-name": found.name,
        "examples": [_example(kind, "happy")],
    }


def _kafka_message() -> Document:
    return {
        "key": {"type": "string"}, "schemaIdLocation": "payload", "schemaIdPayloadEncoding": "confluent",
        "bindingVersion": BINDING,
    }


def _example(kind: str, case: str) -> Document:
    record = sample(kind, case)
    key = record.get("person_key") or record.get("quarantine_id") or record.get("partner", "")
    return {"name": case, "headers": headers(kind, record, key), "payload": sample_json(kind, case)}


def _headers() -> Document:
    return {
        "type": "object",
        "description": "CloudEvents 1.0, Kafka binary mode, and our extensions. Never identifiable.",
        "required": list(REQUIRED),
        "properties": {name: {"type": "string"} for name in NAMES},
    }
