"""The tables of the rules: `tests/rules/<rule>.toml`, a `[[case]]` each."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@cache
def table(rule: str) -> list[dict[str, Any]]:
    """The cases of a rule."""
    found: list[dict[str, Any]] = tomllib.loads((HERE / f"{rule}.toml").read_text(encoding="utf-8"))["case"]
    return found
