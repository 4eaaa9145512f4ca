"""Pseudonym keys: the only place where an identifier becomes a key (design.md §5).

In: identifiers as sent and purposes. Out: keys and tags that say nothing without the secret. The secret
comes by reference (an environment variable or a file), never as a setting's value, and is never printed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, get_args

from runtime.errors import Misconfigured

Purpose = Literal["person", "dob", "match", "content", "archive"]
"""What a key is for; a key of one purpose tells nothing under another."""

OFFLINE_ROOT = hashlib.sha256(b"homeward offline key: not a secret, public on purpose").digest()
"""The fixed root of offline runs (docs/interface.md): public, so replays compare byte for byte.

Never for real partners.
"""

_ROOT_BYTES_MIN = 32


@dataclass(frozen=True)
class KeyRing:
    """One version of the pseudonym keys.

    `version` is the `p1` of every key; a new one is a blue/green rebuild.
    """

    version: str = "p1"
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    public: bool = False
    """True for the offline ring: refused with a real partner."""

    @classmethod
    def of_root(cls, root: bytes, version: str = "p1", *, public: bool = False) -> Self:
        """A ring whose per-purpose keys are derived from one root secret of at least 32 bytes."""
        keys = {p: hmac.digest(root, f"homeward/{version}/{p}".encode(), "sha256") for p in get_args(Purpose)}
        return cls(version, keys, public)

    @classmethod
    def offline(cls) -> Self:
        """The documented fixed ring: replay, demo and tests."""
        return cls.of_root(OFFLINE_ROOT, public=True)

    @classmethod
    def of_reference(cls, reference: str) -> Self:
        """The ring behind `env:NAME`, `file:PATH` or `offline`: hex of a root secret, or TOML (see
        `_parse`).
        """
        if reference in ("", "offline"):
            return cls.offline()
        scheme, _, where = reference.partition(":")
        if scheme == "env":
            text = os.environ.get(where, "")
        elif scheme == "file":
            text = _file_text(where)
        else:
            raise Misconfigured("a key reference is offline, env:NAME or file:PATH")
        if not text.strip():
            raise Misconfigured(f"key reference {scheme}:{Path(where).name} holds nothing")
        return cls._parse(text.strip(), f"{scheme}:{Path(where).name}")

    @classmethod
    def _parse(cls, text: str, said: str) -> Self:
        """Hex of a root secret, or TOML: `version = "p2"` and hex of a key for each purpose."""
        try:
            if "=" not in text:
                return cls.of_root(_secret(text, said))
            table = tomllib.loads(text)
            version = str(table.pop("version", "p1"))
            keys = {purpose: _secret(str(table.pop(purpose)), said) for purpose in get_args(Purpose)}
        except (ValueError, KeyError) as exc:
            lack = (
                f"no key for purpose {exc}"
                if isinstance(exc, KeyError)
                else "neither hex nor TOML of hex keys"
            )
            raise Misconfigured(f"key reference {said}: {lack}") from None
        if table:
            raise Misconfigured(f"key reference {said}: unknown purposes {sorted(table)}")
        return cls(version, keys)

    def person_key(self, system: str, authority: str, value: str) -> str:
        """The pseudonym of an identifier: `p1:` and 26 characters of base32 (HMAC-SHA-256 cut to 128 bits).

        Local ids are ("LOCAL", authority, id); NHS numbers are ("NHS", "", number).
        """
        code = self._digest("person", _joined(system, authority, value))[:16]
        return f"{self.version}:{base64.b32encode(code).decode().rstrip('=')}"

    def tag(self, purpose: Purpose, text: str) -> str:
        """16 hex digits of an HMAC under the purpose's key: equal texts, equal tags, and no more can be
        told.
        """
        return self._digest(purpose, text.encode()).hex()[:16]

    def key(self, purpose: Purpose) -> bytes:
        """The 32-byte key itself, for ciphers (`archive`)."""
        return self.keys[purpose]

    def _digest(self, purpose: Purpose, message: bytes) -> bytes:
        return hmac.digest(self.keys[purpose], message, hashlib.sha256)


def _joined(*parts: str) -> bytes:
    """Length-prefixed, so that no two tuples of parts make the same message."""
    return "".join(f"{len(part)}:{part}," for part in parts).encode()


def _secret(text: str, said: str) -> bytes:
    secret = bytes.fromhex(text)
    if len(secret) < _ROOT_BYTES_MIN:
        raise Misconfigured(f"key reference {said}: a key has at least {_ROOT_BYTES_MIN} bytes, in hex")
    return secret


def _file_text(where: str) -> str:
    try:
        return Path(where).read_text(encoding="utf-8")
    except OSError as exc:
        raise Misconfigured(f"key reference file:{Path(where).name} cannot be read: {exc.strerror}") from None
