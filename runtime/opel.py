"""An OPEL scheme as a versioned file, `places/opel/<name>.toml`: parameters, bands, points, levels (domain 02
§2.1).

In: TOML text. Out: a frozen `Scheme`. `verified = false` until somebody loaded the official table: what is
shipped is a demonstration, never the national thresholds.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from runtime.errors import Misconfigured
from runtime.place import PLACES


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Band(_Model):
    """A stretch of values and what it scores; a missing end is open."""

    lower: float | None = None
    lower_inclusive: bool = True
    upper: float | None = None
    upper_inclusive: bool = False
    points: int


class Parameter(_Model):
    """One figure the level is made of, its bands from calm to worst."""

    name: str
    measure: str
    """A metric of schemas/figures.py, or a measure made of beds."""
    since_midnight: bool = False
    """Counts from midnight in England: yesterday's is not today's."""
    bands: tuple[Band, ...]


class Level(_Model):
    """A level, from so many points on."""

    level: int
    points: int


class Scheme(_Model):
    """A version of the framework for one type of provider."""

    id: str
    title: str
    provider: Literal["acute", "community", "mental_health", "111"]
    valid_from: date
    valid_to: date | None = None
    parameters: tuple[Parameter, ...]
    levels: tuple[Level, ...]
    source: str
    checksum: str = ""
    """SHA-256 of the source document."""
    verified: bool = False
    verified_by: str = ""
    verified_at: date | None = None


@lru_cache(maxsize=64)
def load_scheme(name: str, folder: Path = PLACES / "opel") -> Scheme:
    """Read a scheme, once a process: a version is never changed. Raises Misconfigured."""
    path = folder / f"{name}.toml"
    try:
        return Scheme.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as exc:
        raise Misconfigured(f"OPEL scheme {name}: {type(exc).__name__}") from None
