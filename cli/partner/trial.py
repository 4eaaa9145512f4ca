"""What partner files would become, without a broker: `homeward partner try` and `accept`.

In: a file or folder, a place, a partner of it. Out: `Trial`: what was used and ignored, the pseudonymous
facts, refusals by place, counts. Nothing identifiable is in it; what stands in the restricted topic is only
counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.partner.template import fields_of
from cli.replay.intake import Intake, Refused
from cli.replay.sources import read_sources
from connectors.message import RawMessage
from connectors.openapi import body_schemas
from connectors.partners.registry import kind_of
from runtime.place import Partner, Place
from runtime.pseudonym import KeyRing
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.headers import time_text


@dataclass
class Trial:
    """What a partner's files became."""

    used: dict[str, str] = field(default_factory=dict)
    """Header or key in the file -> our field."""
    ignored: list[str] = field(default_factory=list)
    """Headers or keys nobody reads."""
    facts: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def tried(place: Place, partner: str, path: str, keys: KeyRing) -> Trial:
    """Read the files as the live connector would, each message received when it was recorded.

    Raises Misconfigured for an unknown partner or a missing path.
    """
    sourced = list(read_sources([f"{partner}={path}"], place))
    taken = Intake(place, keys, {}).take(sourced)
    trial = Trial()
    for one in sourced:
        _columns(one.raw, place.partners[partner], trial)
    trial.facts = [_fact_row(fact) for _, facts in taken.facts for fact in facts]
    trial.refusals = [_refusal_row(refused) for refused in taken.refused]
    units = sorted(taken.units.items())
    trial.counts = {f"{kind} ({cause})" if cause else kind: count for (kind, cause), count in units}
    return trial


def _columns(raw: RawMessage, dialect: Partner, trial: Trial) -> None:
    """Which parts of the file have a reader. A kind that is neither a table nor JSON says nothing here."""
    kind = kind_of(dialect.kind)
    read = fields_of(kind)
    trial.used |= {header: name for name, header in dialect.columns.items() if name in read}
    if read:
        _add(trial.ignored, [header for name, header in dialect.columns.items() if name not in read])
    if kind.full_file is not None:
        try:
            _add(trial.ignored, kind.full_file.read_rows(raw, dialect).ignored)
        except ContractViolation:
            return  # said among the refusals
    elif not read:
        known = _body_keys(dialect.kind)
        for key in _json_keys(raw.body) if known else ():
            if key in known:
                trial.used[key] = key
            else:
                _add(trial.ignored, [key])


def _add(known: list[str], more: Iterable[str]) -> None:
    known += [one for one in more if one not in known]


def _body_keys(kind: str) -> frozenset[str]:
    schemas = body_schemas([kind])
    name = schemas.event if kind == "events" else next(iter(schemas.webhooks), "")
    return frozenset(schemas.components.get(name, {}).get("properties", {}))


def _json_keys(body: bytes) -> list[str]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return list(read) if isinstance(read, Mapping) else []


def _fact_row(fact: Fact) -> dict[str, Any]:
    body = {n: time_text(v) if n.endswith("_at") and isinstance(v, int) else v for n, v in fact.body.items()}
    return {
        "occurred_at": time_text(fact.occurred_at), "kind": fact.kind, "person_key": fact.key,
        "thing": fact.thing, "fields": body, "flags": list(fact.flags),
    }  # fmt: skip


def _refusal_row(refused: Refused) -> dict[str, Any]:
    return {
        "file": refused.file, "index": refused.index, "reason": str(refused.reason), "where": refused.where,
    }  # fmt: skip


def issued_numbers(path: Path) -> int:
    """How many NHS numbers of living people's ranges a file holds: such a file never becomes a sample."""
    import re

    from connectors.nhs_number import checks_out, is_issued

    found = re.findall(rb"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", path.read_bytes())
    numbers = {re.sub(rb"\D", b"", number).decode() for number in found}
    return sum(1 for number in numbers if is_issued(number) and checks_out(number))
