"""How CloudEvents come in over HTTP: both content modes in, the structured event the archive keeps out."""

from __future__ import annotations

import json
from collections.abc import Mapping

from connectors.message import Refusal
from connectors.partners.events.binding import is_binary, structured


def cloud_event(headers: Mapping[str, str], body: bytes) -> tuple[bytes, str]:
    """The event in structured mode and its id.

    What cannot be read is left as sent: the translator refuses it.
    """
    try:
        kept = structured(headers, body) if is_binary(headers) else body
        event = json.loads(kept)
    except (Refusal, ValueError, RecursionError):
        return body, ""
    return kept, str(event.get("id", "")) if isinstance(event, dict) else ""
