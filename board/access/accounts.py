"""Local accounts: who may sign in to the board, and as which reader of the place (domain 05 IG-04).

In: a TOML file, one `[accounts.<name>]` each with `reader` and `password` (a scrypt hash). Out: frozen
accounts; whether a password is one's own. The cost follows OWASP's password storage sheet (scrypt, 32 MiB).
"""

from __future__ import annotations

import base64
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from runtime.errors import Misconfigured

COST: Final = (2**15, 8, 3)
"""n, r, p."""
PASSWORD_MIN: Final = 8
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Account:
    """One person who signs in; `reader` names a reader of the place, which says the role."""

    name: str
    reader: str
    hashed: str


def hash_password(password: str, cost: tuple[int, int, int] = COST) -> str:
    """`scrypt$n$r$p$salt$key`, both base64."""
    salt = os.urandom(16)
    key = _scrypt(salt, cost).derive(password.encode())
    return "$".join(["scrypt", *map(str, cost), _text(salt), _text(key)])


def is_password(password: str, hashed: str) -> bool:
    """Whether a password is the one that was hashed. Raises Misconfigured on a hash that is none."""
    try:
        scheme, n, r, p, salt, key = hashed.split("$")
        kdf = _scrypt(base64.b64decode(salt), (int(n), int(r), int(p)))
        expected = base64.b64decode(key)
    except ValueError:
        raise Misconfigured("an account's password is not a scrypt hash: `homeward account add`") from None
    if scheme != "scrypt":
        raise Misconfigured("an account's password is not a scrypt hash: `homeward account add`")
    try:
        kdf.verify(password.encode(), expected)
    except InvalidKey:
        return False
    return True


def load_accounts(path: Path) -> dict[str, Account]:
    """The accounts of a file. Raises Misconfigured naming it, never what stands in it."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")).get("accounts", {})
        return {name: Account(name, str(row["reader"]), str(row["password"])) for name, row in said.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError):
        raise Misconfigured(f"accounts file {path.name}: not readable, or not accounts") from None


def write_accounts(path: Path, accounts: Mapping[str, Account]) -> None:
    """Write the file anew, readable by its owner alone."""
    rows = (
        f'[accounts."{one.name}"]\nreader = "{one.reader}"\npassword = "{one.hashed}"\n'
        for one in accounts.values()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(rows))
    path.with_suffix(".new").replace(path)


def _scrypt(salt: bytes, cost: tuple[int, int, int]) -> Scrypt:
    n, r, p = cost
    return Scrypt(salt, _KEY_BYTES, n, r, p)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
