"""The gate of the contract: every version reads every other (FULL_TRANSITIVE); released files never change.

In: a folder of Avro files and the committed ids. Out: the breaches found, each naming who produces and
who consumes the topic. Empty = the contract holds. Runs in the tests and in `homeward contract check`.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any, Final, NamedTuple

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import make_avsc_object

from schemas.catalogue import AVRO, TOPICS, topic_of
from schemas.errors import ContractViolation
from schemas.released import COMMON, RELEASED, Released, digest, split

Document = dict[str, Any]
Problems = Iterator[tuple[str, str]]

REMEDY: Final = "add fields at the end with a default; else make a new record on a new topic version"


class Breach(NamedTuple):
    """One broken promise: of which schema, in words, and whom it would hurt."""

    schema: str
    problem: str
    hurts: str

    def __str__(self) -> str:
        return f"{self.schema}: {self.problem} ({self.hurts}); {REMEDY}"


def read_folder(folder: Path) -> dict[str, Document]:
    """Read every `<Name>.v<N>.avsc` of a folder: schema name -> document."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.avsc"))}


def check(folder: Path = AVRO, released: Mapping[str, Released] = RELEASED) -> list[Breach]:
    """Check a folder of schemas against the rules of the contract (design.md §3). Empty = all hold."""
    documents = read_folder(folder)
    found = [*_immutable(documents, released), *_form(documents), *_transitive(documents)]
    return [Breach(name, problem, _hurts(split(name)[0])) for name, problem in found]


def _hurts(kind: str) -> str:
    try:
        topic = TOPICS[topic_of(kind)]
    except ContractViolation:
        return "on no topic"
    return f"{topic.name} from {', '.join(topic.producers)} to {', '.join(topic.consumers)}"


def _immutable(documents: Mapping[str, Document], released: Mapping[str, Released]) -> Problems:
    for name, row in released.items():
        if name not in documents:
            yield name, "released, but its file is gone"
        elif digest(documents[name]) != row.sha256:
            yield name, "released, but its file was changed"
    for name in documents.keys() - released.keys():
        yield name, "has no id in ids.json"
    numbers = [row.id for row in released.values()]
    for name, row in released.items():
        if numbers.count(row.id) > 1:
            yield name, "shares its id with another schema"


def _form(documents: Mapping[str, Document]) -> Problems:
    for name, document in documents.items():
        if document["name"] != split(name)[0] or document.get("namespace") != "toc":
            yield name, "file name and record name differ"
        for enum in _enums(document):
            if enum.get("default") != "UNKNOWN" or "UNKNOWN" not in enum["symbols"]:
                yield name, f"enum {enum['name']} has no default UNKNOWN"


def _enums(node: Any) -> Iterator[Document]:
    if isinstance(node, list):
        for part in node:
            yield from _enums(part)
    elif isinstance(node, dict):
        if node.get("type") == "enum":
            yield node
        for part in node.values():
            yield from _enums(part)


def _transitive(documents: Mapping[str, Document]) -> Problems:
    by_kind: dict[str, list[str]] = {}
    for name in documents:
        by_kind.setdefault(split(name)[0], []).append(name)
    for names in by_kind.values():
        for reader, writer in permutations(names, 2):
            problem = incompatible(documents[reader], documents[writer])
            if problem:
                yield reader, f"cannot read {writer}: {problem}"
        ordered = sorted(names, key=split)
        for older, newer in pairwise(ordered):
            if not _appends(documents[older], documents[newer]):
                yield newer, f"does not begin with the fields of {older}, so `withdrawn` bits change meaning"


def incompatible(reader: Document, writer: Document) -> str:
    """Say why data of `writer` cannot be read with `reader`; empty when they can."""
    try:
        verdict = ReaderWriterCompatibilityChecker().get_compatibility(
            make_avsc_object(reader), make_avsc_object(writer),
        )
    except AvroException as refused:
        return f"not a schema: {type(refused).__name__}"
    if verdict.compatibility is SchemaCompatibilityType.compatible:
        return ""
    spots = ", ".join(sorted(verdict.locations))
    return f"{'; '.join(sorted(set(verdict.messages)))} at {spots}"


def _appends(older: Document, newer: Document) -> bool:
    """Whether a person event keeps the order of its fields; other records have no `withdrawn` bits."""
    names = [field["name"] for field in older["fields"]]
    if tuple(names[: len(COMMON)]) != COMMON:
        return True
    return [field["name"] for field in newer["fields"]][: len(names)] == names
