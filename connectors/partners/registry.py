"""The kinds of partner there are: one row each. A partner of a kind is data (`places/*.toml`); a new kind is
one folder and one row here.

In: the name of a kind. Out: how its bytes are split, scoped and translated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from connectors.message import RawMessage, Translation
from connectors.partners.capacity_csv import translate as capacity_csv
from connectors.partners.capacity_webhook import translate as capacity_webhook
from connectors.partners.census import translate as census
from connectors.partners.council_csv import translate as council_csv
from connectors.partners.council_webhook import translate as council_webhook
from connectors.partners.events import translate as events
from connectors.partners.full_file import FullFileKind, Taking
from connectors.partners.hl7_adt import scoping as hl7_scoping
from connectors.partners.hl7_adt import splitting as hl7_splitting
from connectors.partners.hl7_adt import translate as hl7_translate
from connectors.partners.hub_list import translate as hub_list
from connectors.partners.voluntary_csv import translate as voluntary_csv
from connectors.partners.voluntary_webhook import translate as voluntary_webhook
from connectors.scope import ScopeFacts
from runtime.errors import Misconfigured
from runtime.place import Partner

Translate = Callable[[RawMessage, Partner], Translation]
"""Pure. Raises Refusal."""
Split = Callable[[bytes], Iterator[bytes]]
"""The messages of a file or a pick-up, byte for byte."""
ReadScope = Callable[[RawMessage, Partner], tuple[str, ScopeFacts]]
"""(message id, what scope is judged on). Raises Refusal UNREADABLE."""


def whole(body: bytes) -> Iterator[bytes]:
    """A kind whose file is one message."""
    if body:
        yield body


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of partner is read."""

    translate: Translate
    revision: int = 1
    """Goes up when a change makes other facts of the same bytes."""
    split: Split = whole
    scope: ReadScope | None = None
    """None: the sharing agreement covers whatever the partner sends."""
    full_file: FullFileKind | None = None
    """Full files are held against each other; `translate` then reads one on its own."""
    rows: Callable[[RawMessage, Partner], Taking] | None = None
    """Files whose every row stands alone, as at its own time: no file is held against another."""
    fields: tuple[str, ...] = ()
    """Of such files: what a column map may name."""


KINDS: Final[dict[str, Kind]] = {
    "hl7_adt": Kind(
        hl7_translate.translate,
        revision=hl7_translate.REVISION,
        split=hl7_splitting.split,
        scope=hl7_scoping.scope_of,
    ),
    "hub_list": Kind(hub_list.translate, full_file=hub_list.KIND),
    "census": Kind(census.translate, full_file=census.KIND),
    "council_webhook": Kind(council_webhook.translate),
    "council_csv": Kind(council_csv.translate, full_file=council_csv.KIND),
    "voluntary_webhook": Kind(voluntary_webhook.translate),
    "voluntary_csv": Kind(voluntary_csv.translate, full_file=voluntary_csv.KIND),
    "capacity_csv": Kind(capacity_csv.translate, rows=capacity_csv.rows, fields=tuple(capacity_csv.READERS)),
    "capacity_webhook": Kind(capacity_webhook.translate),
    "events": Kind(events.translate),
}


def kind_of(name: str) -> Kind:
    """Give a kind by the name dialects use. Raises Misconfigured naming those there are."""
    try:
        return KINDS[name]
    except KeyError:
        raise Misconfigured(f"no partner kind {name!r}; known kinds: {', '.join(sorted(KINDS))}") from None


TRANSLATORS: Final[dict[str, Translate]] = {name: kind.translate for name, kind in KINDS.items()}
"""Translators by kind, for tools that need no more."""
