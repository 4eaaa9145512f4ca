"""Figures from outside, whoever sends them: from words to drafts, from drafts to sealed events (domain 08
"Capacity", "Metric observation").

In: what a partner says of a site, a provider or a care home as at a time. Out: a draft about nobody, and its
event: keyed by the site, no pseudonym in it. Unknown is never zero: what was not said is left out.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from connectors.cells import folded
from connectors.message import Draft, Refusal, SealedEvent, Subject
from connectors.sealing import Envelope
from runtime.place import Partner
from runtime.pseudonym import KeyRing
from schemas import ids
from schemas.catalogue import topic_of
from schemas.figures import METRICS, pack_figure
from schemas.headers import headers
from schemas.reasons import Reason
from schemas.released import schema

ADMISSIONS: Final = {"open": "open", "closed": "closed"}
REASONS: Final = ("infection_control", "staffing", "building", "safeguarding", "other")
"""Why a home takes nobody: a closed list, for a free text may say of whom (IG-03)."""
SERVICE_TYPES: Final = ("virtual_ward", "pathway_1", "pathway_2", "pathway_3", "hospice", "other")
METRIC_WORDS: Final = {folded(name): name for name in METRICS}
REASON_WORDS: Final = {folded(name): name for name in REASONS}
SERVICE_WORDS: Final = {folded(name): name for name in SERVICE_TYPES}

_NAMES: Final = frozenset({"metric", "until_at", "service_type", "reason"})


def says_a_figure(fields: Iterable[str]) -> bool:
    """Whether anything is said beside what only names or explains the figure."""
    return not _NAMES.issuperset(fields)


def figure(
    kind: str, subject: tuple[str, str], at: int, recorded: int, said: Mapping[str, Any],
    *, sequence: int = -1, flags: Iterable[str] = (),
) -> Draft:
    """The draft of a figure of (site, part). Raises Refusal BAD_VALUE for a name that is none."""
    site, part = subject
    if "/" in site or not site:
        raise Refusal(Reason.BAD_VALUE)
    told_apart = f"{said.get('metric') or ''}@{said.get('until_at') or ''}".strip("@")
    return Draft(
        kind, f"{at}/{told_apart}", Subject(), f"{site}/{part}" if part else site, at, recorded, sequence,
        flags=tuple(sorted(flags)), fields=said,
    )


def seal_figure(
    draft: Draft, envelope: Envelope, partner: str, dialect: Partner, keys: KeyRing, revision: int
) -> SealedEvent:
    """The event of a figure. Raises ContractViolation BAD_VALUE."""
    fact = f"{draft.kind}/{draft.thing}/{draft.natural_key}"
    site, _, part = draft.thing.partition("/")
    record: dict[str, Any] = {
        "event_id": ids.event_id(partner, envelope.message_id, envelope.tag, fact),
        "partner": partner,
        "site": site,
        "part": part,
        "occurred_at": draft.occurred_at,
        "recorded_at": draft.recorded_at,
        "received_at": envelope.received_at,
        "sequence": draft.sequence,
        "translator_rev": revision,
        "content_tag": keys.tag("content", f"{envelope.tag}|{fact}") if envelope.tag else "",
        "flags": sorted({*draft.flags, *envelope.flags}),
        **pack_figure(draft.kind, draft.fields),
    }
    said = headers(
        draft.kind, record, site, correlation_id=envelope.correlation_id,
        controller=dialect.controller, purpose=dialect.purpose,
    )
    return SealedEvent(topic_of(draft.kind), site, schema(draft.kind).name, record, said)
