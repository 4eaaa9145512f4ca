"""Our own events as they are posted to the intake: a CloudEvent, signed. One form for the command line and
the board.

In: the kind's type, its fields, a time, the secret. Out: the body and the headers of the request. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runtime.freshness import compact
from runtime.signatures import IDEMPOTENCY, SIGNATURE, TIMESTAMP, sign
from schemas.headers import time_text

SECRET: Final = "HOMEWARD_SECRET_OWN"
"""The environment variable with the secret that signs them."""
PATH: Final = "/v1/events"


def signed(
    kind: str, fields: Mapping[str, str | None], now: int, key: str, source: str, secret: bytes
) -> tuple[bytes, dict[str, str]]:
    """`kind`: the CloudEvents type. `key`: the id, also the idempotency key. `now` in µs."""
    event = {"specversion": "1.0", "id": key, "type": kind, "source": source, "time": time_text(now)}
    body = compact({**event, "data": {"occurred_at": time_text(now), **fields}}).encode()
    seconds = now // 1_000_000
    headers = {
        "Content-Type": "application/cloudevents+json", TIMESTAMP: str(seconds), IDEMPOTENCY: key,
        SIGNATURE: sign(secret, seconds, body),
    }  # fmt: skip
    return body, headers
