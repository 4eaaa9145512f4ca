"""The generated pages stand in docs/ as the contract would make them today."""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastavro import parse_schema

from schemas.asyncapi import document
from schemas.catalogue import KINDS, TOPICS
from schemas.figures import METRICS
from schemas.pages import DOCS, PAGES, write
from schemas.reasons import Reason

DOCUMENT = document()


def references(node: Any) -> Iterator[str]:
    """Every $ref of a document, schemas and examples included."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def resolve(reference: str) -> Any:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


@pytest.mark.parametrize("name", PAGES)
def test_page_is_up_to_date(name: str) -> None:
    # Run `python -m schemas.pages` when this fails.
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


def test_pages_are_written_where_asked(tmp_path: Any) -> None:
    write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(PAGES)


def test_every_reference_of_the_asyncapi_document_resolves() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > 2 * len(KINDS)
    assert all(resolve(reference) for reference in found)


def test_every_public_topic_and_every_record_is_in_the_asyncapi_document() -> None:
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    public = {topic.name for topic in TOPICS.values() if not topic.internal}
    assert addresses == {name.replace("<", "{").replace(">", "}") for name in public}
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) == set(KINDS)
    for message in messages.values():
        parse_schema(json.loads(json.dumps(message["payload"]["schema"])))


def test_a_parameter_of_an_address_is_declared() -> None:
    for channel in DOCUMENT["channels"].values():
        assert ("{partner}" in channel["address"]) == ("partner" in channel.get("parameters", {}))


def test_every_reason_has_its_row() -> None:
    page = (DOCS / "reasons.md").read_text(encoding="utf-8")
    assert all(f"| `{reason}` |" in page for reason in Reason)


def test_every_metric_is_on_the_page_of_figures() -> None:
    page = (DOCS / "capacity.md").read_text(encoding="utf-8")
    listed = [f"| `{name}` | {meaning} |" for name, meaning in METRICS.items()]
    assert [line for line in listed if line not in page] == []
