"""Webhook signatures, pure: `v1=<hex HMAC-SHA-256(secret, timestamp + "." + body)>` with a time window,
both ways.

The signature is judged before the window, so that a stranger learns nothing about our clock.
"""

from __future__ import annotations

import hashlib
import hmac

TIMESTAMP, SIGNATURE, IDEMPOTENCY = "Homeward-Timestamp", "Homeward-Signature", "Idempotency-Key"


def sign(secret: bytes, timestamp: int, body: bytes) -> str:
    """The value of `Homeward-Signature` for a body sent at `timestamp` (unix seconds)."""
    return "v1=" + hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def verify(
    secret: bytes, timestamp: str, signature: str, body: bytes, now_seconds: float, window_seconds: int
) -> str:
    """Empty when the signature stands, else `BAD_SIGNATURE` or `SIGNATURE_EXPIRED`. Several signatures
    may be given, comma-separated (key change).
    """
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return "BAD_SIGNATURE"
    expected = sign(secret, int(timestamp), body).encode()
    if not any(hmac.compare_digest(expected, given.strip().encode()) for given in signature.split(",")):
        return "BAD_SIGNATURE"
    return "" if abs(now_seconds - int(timestamp)) <= window_seconds else "SIGNATURE_EXPIRED"
