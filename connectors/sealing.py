"""Draft to sealed event: the only hop that sees a person's identifiers and their pseudonym together
(design.md §1 hop 4).

In: the drafts of one message. Out: events for their topics, ids derived from what the partner said, so that a
re-send seals to the same ones. What sealing adds: a link wherever a local id and a verified number stand
together, and match tags beside an identity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from connectors.identity import Identity, identify
from connectors.message import Draft, SealedEvent, Subject, Translation
from runtime.place import Partner
from runtime.pseudonym import KeyRing
from schemas import catalogue, ids
from schemas.codec import pack_body
from schemas.headers import headers
from schemas.holders import record_key
from schemas.released import schema

_IDENTIFIED: Final = "PersonIdentified"
_LINKED: Final = "PersonsLinked"
_REASSIGNED: Final = "SpellReassigned"
_MIRRORED: Final = frozenset({"MatchDecided", "MatchUndone"})
"""A decision about two people is told to both keys."""
_NAMED: Final = ("family", "given", "birth_date", "postcode")


@cache
def _schema_name(kind: str) -> str:
    return schema(kind).name


def content_tag(keys: KeyRing, translation: Translation) -> str:
    """Keyed digest of the content that makes a message the same one; "" where the kind has none."""
    if not translation.content:
        return ""
    return keys.tag("content", hashlib.sha256(translation.content).hexdigest())


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all events of one message share."""

    message_id: str
    tag: str
    received_at: int
    correlation_id: str
    flags: tuple[str, ...] = ()


class Sealer:
    """Seals for one partner. The same drafts and envelope give the same events, byte for byte."""

    def __init__(self, partner: str, dialect: Partner, keys: KeyRing, revision: int = 1) -> None:
        self._partner, self._dialect, self._keys, self._revision = partner, dialect, keys, revision

    def seal(self, drafts: Iterable[Draft], envelope: Envelope) -> tuple[SealedEvent, ...]:
        """Seal the drafts of a message. Raises ContractViolation: NO_IDENTIFIER, BAD_VALUE or
        UNKNOWN_EVENT_TYPE.
        """
        known: dict[Subject, Identity] = {}
        events: list[SealedEvent] = []
        for draft in drafts:
            if draft.kind == _LINKED:
                events.append(self._link(draft, envelope))
                continue
            if draft.kind == _REASSIGNED:
                events += self._reassign(draft, envelope)
                continue
            identity = known.get(draft.subject)
            if identity is None:
                identity = known[draft.subject] = identify(
                    draft.subject, self._partner, self._dialect, self._keys
                )
                events += self._number_links(draft, identity, envelope)
            events += self._seal_one(draft, identity, envelope)
        return tuple(events)

    def _seal_one(self, draft: Draft, identity: Identity, envelope: Envelope) -> Iterator[SealedEvent]:
        if draft.kind == _IDENTIFIED:
            yield self._event(draft, identity, envelope, draft.kind, self._identity_fields(draft))
            if tagged := _tag_fields(draft.subject, identity):
                yield self._event(draft, identity, envelope, "PersonTagged", tagged)
            return
        yield self._event(draft, identity, envelope, draft.kind, draft.fields)
        if draft.kind in _MIRRORED:
            other = Identity(str(draft.fields["other_key"]))
            yield self._event(
                draft,
                other,
                envelope,
                draft.kind,
                {**draft.fields, "other_key": identity.key},
                name=f"/{other.key}",
            )

    def _identity_fields(self, draft: Draft) -> dict[str, Any]:
        """Names and dates three-state where the translator gave them so, else what the subject has."""
        subject = draft.subject
        fields: dict[str, Any] = {name: getattr(subject, name) for name in _NAMED if getattr(subject, name)}
        fields |= draft.fields
        fields["ids"] = [
            {"system": one.system, "authority": one.authority, "value": one.value, "status": one.status}
            for one in subject.ids
        ]
        return fields

    def _link(self, draft: Draft, envelope: Envelope) -> SealedEvent:
        """An explicit link, from the retired record's own key to the survivor's."""
        number = draft.fields.get("basis") == "superseded"
        source = self._record_identity(draft.subject, number)
        target = self._record_identity(draft.other, number).key if draft.other else None
        fields = {"basis": "merge", **draft.fields, "source_key": source.key, "target_key": target}
        return self._event(draft, source, envelope, _LINKED, fields)

    def _reassign(self, draft: Draft, envelope: Envelope) -> Iterator[SealedEvent]:
        """A visit moved to another record: told to both, each by its own key, so that both keys know."""
        ends = [self._record_identity(subject, False) for subject in (draft.subject, draft.other) if subject]
        fields = {**draft.fields, "source_key": ends[0].key, "target_key": ends[-1].key}
        for end in ends:
            yield self._event(draft, end, envelope, draft.kind, fields, name=f"/{end.key}")

    def _record_identity(self, subject: Subject, number: bool) -> Identity:
        """The record's own key: the number's where a number gives way to another, else the local id's."""
        identity = identify(subject, self._partner, self._dialect, self._keys)
        if number and identity.number_key:
            return Identity(identity.number_key, (), identity.number_key)
        return Identity(identity.local_key or identity.key, identity.local_keys)

    def _number_links(self, draft: Draft, identity: Identity, envelope: Envelope) -> Iterator[SealedEvent]:
        """One link for every local id that stands beside a verified number."""
        if not identity.verified:
            return
        for local in identity.local_keys:
            own = Identity(
                local,
                (local,),
                identity.number_key,
                identity.number_rank,
                identity.dob_tag,
                (),
                identity.flags,
            )
            fields = {"source_key": local, "target_key": identity.key, "basis": "number"}
            yield self._event(draft, own, envelope, _LINKED, fields, name=f"number/{local}")

    def _event(
        self,
        draft: Draft,
        identity: Identity,
        envelope: Envelope,
        kind: str,
        fields: Mapping[str, Any],
        name: str = "",
    ) -> SealedEvent:
        about_person = kind in {_LINKED, "PersonTagged"}
        fact = f"{kind}/{'' if name.startswith('number') else draft.natural_key}/{draft.instance}{name}"
        record: dict[str, Any] = {
            "event_id": ids.event_id(self._partner, envelope.message_id, envelope.tag, fact),
            "partner": self._partner,
            "person_key": identity.key,
            "local_key": identity.local_key,
            "dob_tag": identity.dob_tag,
            "number_rank": identity.number_rank,
            "thing": "person" if about_person else draft.thing,
            "instance": "" if about_person else draft.instance,
            "occurred_at": draft.occurred_at,
            "recorded_at": draft.recorded_at,
            "received_at": envelope.received_at,
            "sequence": draft.sequence,
            "translator_rev": self._revision,
            "content_tag": self._keys.tag("content", f"{envelope.tag}|{fact}") if envelope.tag else "",
            "flags": sorted({*draft.flags, *identity.flags, *envelope.flags}),
            **pack_body(kind, fields),
        }
        return SealedEvent(
            topic=catalogue.topic_of(kind),
            key=record_key(identity.key),
            schema=_schema_name(kind),
            record=record,
            headers=headers(
                kind,
                record,
                record_key(identity.key),
                correlation_id=envelope.correlation_id,
                controller=self._dialect.controller,
                purpose=self._dialect.purpose,
            ),
            identifiable=kind == _IDENTIFIED,
        )


def _tag_fields(subject: Subject, identity: Identity) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if identity.match_tags:
        fields["match_tags"] = list(identity.match_tags)
    if identity.number_key and not identity.verified and not subject.identity_unknown:
        fields["unverified_number_key"] = identity.number_key
    return fields
