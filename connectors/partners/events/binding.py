"""CloudEvents binary mode over HTTP to the structured mode the archive keeps: one form behind the transport.

In: request headers and body. Out: bytes of the structured event. Pure.
"""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from connectors.message import Refusal
from schemas.reasons import Reason

_PREFIX: Final = "ce-"
STRUCTURED: Final = "application/cloudevents+json"


def is_binary(headers: Mapping[str, str]) -> bool:
    """Whether a request carries its attributes in headers (CloudEvents HTTP binding 3.1)."""
    return any(name.lower() == f"{_PREFIX}specversion" for name in headers)


def structured(headers: Mapping[str, str], body: bytes) -> bytes:
    """The event in structured mode, attributes in one order. Raises Refusal NOT_JSON where the data is not
    JSON.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    attributes = {n.removeprefix(_PREFIX): value for n, value in lowered.items() if n.startswith(_PREFIX)}
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(Reason.NOT_JSON, "/data") from None
    return json.dumps({**dict(sorted(attributes.items())), "data": said}, ensure_ascii=False).encode()
