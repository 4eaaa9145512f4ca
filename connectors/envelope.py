"""The envelope of the raw archive, pure: AES-256-GCM under a data key of one partner and one UTC day,
derived (HKDF) from a master key.

The key id `<master>:<partner>:<day>` and everything stored in clear beside the bytes are authenticated, so
a record cannot be moved
to another partner or day. Destroying a master key destroys what was sealed under it; a missing key is
`KeyLost`, never an empty body.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.message import RawMessage
from runtime.errors import Misconfigured, Transient
from runtime.pseudonym import KeyRing

_DERIVED_MAX = 64


class KeyLost(Transient):
    """The key of an envelope is not to be had: nothing is acknowledged, nothing is skipped."""


class RawKeys:
    """Master keys of the archive by name; `current` seals, any of them opens."""

    def __init__(self, masters: Mapping[str, bytes], current: str) -> None:
        if current not in masters:
            raise Misconfigured(f"raw archive: no master key {current!r}")
        if any(len(key) < 32 for key in masters.values()):
            raise Misconfigured("raw archive: a master key must be at least 32 bytes")
        self._masters = dict(masters)
        self.current = current
        self._derived: dict[str, bytes] = {}

    @classmethod
    def of_ring(cls, ring: KeyRing) -> Self:
        """The archive keys of a key ring: one master, named as the ring's version."""
        return cls({ring.version: ring.key("archive")}, ring.version)

    def key_id(self, partner: str, received_at: int) -> str:
        """Name of the data key for a message of `partner` received at `received_at` (µs UTC)."""
        day = datetime.fromtimestamp(received_at / 1e6, UTC).strftime("%Y%m%d")
        return f"{self.current}:{partner}:{day}"

    def data_key(self, key_id: str) -> bytes:
        """The data key; raises KeyLost when its master is not here."""
        if key_id not in self._derived:
            master = self._masters.get(key_id.partition(":")[0])
            if master is None:
                raise KeyLost(f"raw archive: master key of {key_id} is missing")
            if len(self._derived) >= _DERIVED_MAX:
                self._derived.clear()
            info = f"homeward raw {key_id}".encode()
            self._derived[key_id] = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(master)
        return self._derived[key_id]


def seal_raw(raw: RawMessage, keys: RawKeys, nonce: bytes | None = None) -> dict[str, Any]:
    """The RawKept record of a message; `nonce` is given only in tests."""
    nonce = nonce or os.urandom(12)
    key_id = keys.key_id(raw.partner, raw.received_at)
    record: dict[str, Any] = {
        "partner": raw.partner,
        "sha256": raw.sha256,
        "received_at": raw.received_at,
        "name": raw.name,
        "content_type": raw.content_type,
        "index": raw.index,
        "message_id": raw.message_id,
        "key_id": key_id,
        "nonce": nonce,
    }
    return record | {"sealed": AESGCM(keys.data_key(key_id)).encrypt(nonce, raw.body, _authenticated(record))}


def unseal_raw(record: Mapping[str, Any], keys: RawKeys) -> RawMessage:
    """The message of a RawKept record; raises KeyLost when the key is missing or the record was altered."""
    try:
        body = AESGCM(keys.data_key(record["key_id"])).decrypt(
            record["nonce"], record["sealed"], _authenticated(record)
        )
    except InvalidTag:
        raise KeyLost(
            f"raw archive: {record['key_id']} does not open this record (altered, or another master key)"
        ) from None
    return RawMessage(
        record["partner"],
        body,
        record["received_at"],
        record["name"],
        record["message_id"],
        record["index"],
        record["content_type"],
    )


def _authenticated(record: Mapping[str, Any]) -> bytes:
    names = ("key_id", "partner", "sha256", "received_at", "name", "content_type", "index", "message_id")
    return msgspec.msgpack.encode([record[name] for name in names])
