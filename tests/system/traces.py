"""Every byte a place has left behind: logs, state, metrics, answers of the API, and every topic's keys,
headers and values.

Not among them: what partners themselves put into their drop folders, and the senders' own logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import httpx
from kafka import KafkaAdminClient

from schemas.catalogue import topic_of
from tests.system.place import SystemPlace
from tests.system.verdict import read

RESTRICTED = topic_of("PersonIdentified")
"""The one topic whose values may say who somebody is."""
Trace = tuple[str, bytes]


def topics_of(place: SystemPlace) -> list[str]:
    """Every topic of the broker, changelogs too; the broker's own left out."""
    admin = KafkaAdminClient(bootstrap_servers=place.bootstrap)
    try:
        return sorted(name for name in admin.list_topics() if not name.startswith("__"))
    finally:
        admin.close()


def traces(place: SystemPlace) -> Iterator[Trace]:
    """(where, bytes) of everything."""
    for path in [*place.logs(), *(p for p in (place.folder / "state").rglob("*") if p.is_file())]:
        yield f"file {path.name}", path.read_bytes()
    yield "metrics of connectors", place.metrics().encode()
    for child in place.workers:
        yield f"metrics of {child.name}", place.metrics(f"{place.worker_url(child)}/metrics").encode()
    for view in ("spell", "person", "transfer", "feed", "quarantine"):
        yield f"view {view}", httpx.get(f"{place.board_url}/v1/views/{view}", timeout=20).content
    yield from records(place)


def records(place: SystemPlace) -> Iterator[Trace]:
    """Keys, headers and values of every record; of the restricted topic not the values."""
    for message in read(place, *topics_of(place)):
        yield f"key on {message.topic}", message.key or b""
        headers = b" ".join(name.encode() + b"=" + value for name, value in message.headers)
        yield f"headers on {message.topic}", headers
        if message.topic != RESTRICTED:
            yield f"value on {message.topic}", message.value or b""


def found_in(places: Iterable[Trace], words: Sequence[bytes]) -> dict[str, set[str]]:
    """Word -> where it stands."""
    found: dict[str, set[str]] = {}
    for where, held in places:
        for word in words:
            if word in held:
                found.setdefault(word.decode("latin-1"), set()).add(where)
    return found
