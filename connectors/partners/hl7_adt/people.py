"""Who an ADT message is about, and what it says of the person: identifiers, flags, death.

In: PID, PV1, ZU1 and ZU8 of a message and the dialect. Out: `Subject`s and the fields of person drafts.
Identifiers of an authority the dialect does not name are left out: default deny (domain/04 §4.1, ITK HL7 v2
§PID).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from connectors import times
from connectors.message import Identifier, Refusal, Subject
from connectors.nhs_number import NumberVerdict, judge
from connectors.partners.hl7_adt.reading import ABSENT, Message, Segment, Value
from runtime.place import Identifiers, Partner
from schemas.reasons import Reason

_NUMBER_TYPES: Final = frozenset({"NH", "NHS", "NHSNMBR"})
"""CX-5 of an NHS number in 2.5 feeds."""
_LOCAL_TYPES: Final = frozenset({"", "MR", "MRN", "PI", "PN", "PK", "PT", "HOSP", "LOCAL", "MPI", "EPI"})
"""CX-5 of an id that names a record of the sender; a driving licence or an insurance number does not."""
_NO_FIXED_ABODE: Final = "ZZ993VZ"
"""The NHS pseudo postcode of no fixed abode."""
_UNRESTRICTED: Final = frozenset({"N", "0"})
"""PV1-16 and ZU8-4 that restrict nothing; any other code masks, because a wrong mask is put right by a
telephone call.
"""


def _components(parts: list[list[str]], number: int) -> list[str]:
    return parts[number - 1] if len(parts) >= number else [""]


def _is_number(named: list[str], kind: str, names: Identifiers) -> bool:
    return kind.upper() in _NUMBER_TYPES or any(part in names.nhs_authorities for part in named if part)


def _local(value: str, authority: str, kind: str, names: Identifiers) -> Identifier | None:
    """A local id, where the dialect takes the authority; one without authority has the default one."""
    if value in names.placeholders or (not authority and kind.upper() not in _LOCAL_TYPES):
        return None
    owner = authority or names.default_authority
    known = not names.local_authorities or owner in names.local_authorities
    return Identifier("MRN", owner, value) if known else None


def identifiers(segment: Segment, number: int, dialect: Partner, status: str = "") -> Iterator[Identifier]:
    """Give the usable identifiers of a CX list (PID-3, MRG-1) in order; `status` is the NHS number's, as
    sent.
    """
    names = dialect.identifiers
    for parts in segment.repetitions(number):
        value = parts[0][0]
        named, kind = _components(parts, 4), _components(parts, 5)[0]
        if not value or value == '""':
            continue
        if _is_number(named, kind, names):
            # Some feeds put the status where the check digit belongs (`…^06`, lessons.md §4.5).
            check = _components(parts, 2)[0]
            yield Identifier("NHS", "", value, status or (check if len(check) > 1 else ""))
        elif local := _local(value, named[0], kind, names):
            yield local


def _number_status(pid: Segment, message: Message) -> str:
    """PID-32 (one NSTS code among others), else the legacy ZU1-27."""
    codes = [parts[0][0] for parts in pid.repetitions(32)]
    stated = next((code for code in codes if code.upper().startswith("NSTS") or code.isdigit()), "")
    legacy = message.first("ZU1")
    return stated or (legacy.text(27) if legacy else "")


def birth_date(pid: Segment) -> tuple[Value, tuple[str, ...]]:
    """PID-7 as a date; what is no date is dropped and flagged, the message stands (domain/03 §3.1 "month
    13").
    """
    sent = pid.value(7)
    if not isinstance(sent, str):
        return sent, ()
    read = times.birth_date(sent)
    return (read, ()) if read else (ABSENT, (Reason.BAD_DATE_OF_BIRTH.value,))


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def usable(ids: tuple[Identifier, ...], dialect: Partner) -> bool:
    """Whether any of the ids can be a key: a local one, or an NHS number that is one."""
    dummies = dialect.identifiers.placeholders
    numbers = (judge(i.value, dummies, dialect.real)[1] for i in ids if i.system == "NHS")
    return any(i.system != "NHS" for i in ids) or NumberVerdict.VALID in numbers


def subject_of(
    pid: Segment, message: Message, dialect: Partner, where: str = "PID-3"
) -> tuple[Subject, tuple[str, ...]]:
    """The person of a PID and the doubts about it. Raises NO_IDENTIFIER where nothing can be a key."""
    ids = tuple(identifiers(pid, 3, dialect, _number_status(pid, message)))
    if not usable(ids, dialect):
        raise Refusal(Reason.NO_IDENTIFIER, where)
    born, flags = birth_date(pid)
    subject = Subject(
        ids=ids,
        family=pid.text(5),
        given=pid.text(5, 2),
        birth_date=_text(born),
        postcode=pid.text(11, 5),
        identity_unknown=pid.text(31).upper() == "Y",
    )
    return subject, flags


def describes(pid: Segment) -> bool:
    """Whether a PID says more than who: a name, a date of birth or an address."""
    return any(pid.raw(number) for number in (5, 7, 11))


def identity_fields(pid: Segment) -> dict[str, Any]:
    """Fields of PersonIdentified, three-state."""
    said = {
        "family": pid.value(5),
        "given": pid.value(5, 2),
        "birth_date": birth_date(pid)[0],
        "postcode": pid.value(11, 5),
    }
    return {name: value for name, value in said.items() if value is not ABSENT}


def forgotten(subject: Subject) -> tuple[Subject, dict[str, Any]]:
    """What an A29 leaves of a person: the record's ids, and every name and date explicitly deleted; nothing
    that proposes a match.
    """
    fields: dict[str, Any] = dict.fromkeys(("family", "given", "birth_date", "postcode"))
    return Subject(ids=subject.ids, identity_unknown=True), fields


def _masks(value: Value) -> bool | None:
    return None if value is None else value not in _UNRESTRICTED


def flag_fields(message: Message, pid: Segment, dialect: Partner) -> dict[str, Any]:
    """Fields of PersonFlagged from PV1-16, ZU8-4 and ZU8-2: three different things (IG-05); {} where nothing
    is said. A code of ZU8-2 is an objection unless the dialect says of it that the person agrees.
    """
    visit, consent = message.first("PV1"), message.first("ZU8")
    fields: dict[str, Any] = {}
    sensitivity = visit.value(16) if visit else ABSENT
    if sensitivity is not ABSENT:
        fields |= {"restricted": _masks(sensitivity), "sensitivity": sensitivity}
    hidden = consent.value(4) if consent else ABSENT
    if hidden is not ABSENT:
        fields["location_hidden"] = _masks(hidden)
    objection = consent.value(2) if consent else ABSENT
    if objection is not ABSENT:
        agrees = dialect.codes.get("sharing", {}).get(objection or "") == "agrees"
        fields["sharing_objection"] = None if agrees else objection
    homeless = pid.text(11, 5).replace(" ", "").upper() == _NO_FIXED_ABODE
    if homeless or (fields and pid.text(11, 5)):
        fields["no_fixed_abode"] = homeless
    return fields
