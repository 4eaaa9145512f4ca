"""Which key a subject's facts are published under (design.md §5, domain/04 §4.1).

In: identifiers as sent, the partner's agreements, the pseudonym keys. Out: an `Identity`: pseudonyms, tags
and doubts. A number is a key only when it is verified; a number that is refused leaves the local id as the
key; nothing here ever joins two people by name.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from connectors.message import Identifier, Subject
from connectors.nhs_number import NumberVerdict, judge
from runtime.place import Partner
from runtime.pseudonym import KeyRing
from schemas.errors import ContractViolation
from schemas.reasons import Reason

VERIFIED: Final = frozenset({"NSTS01", "01", "1"})
"""PID-32 / table 0445 "number present and verified"."""
RANK_NONE, RANK_UNVERIFIED, RANK_TRACED, RANK_VERIFIED = range(4)
SEVERAL_NUMBERS: Final = "several_numbers"
"""Flag: one subject came with two valid NHS numbers; neither is taken as verified."""
OWN_KEY: Final = "KEY"
"""`Identifier.system` of our own events: the value is a pseudonym already."""
_DOUBTS: Final = {
    NumberVerdict.INVALID: Reason.NHS_NUMBER_INVALID.value,
    NumberVerdict.PLACEHOLDER: Reason.NHS_NUMBER_PLACEHOLDER.value,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A subject after pseudonyms."""

    key: str
    local_keys: tuple[str, ...] = ()
    number_key: str | None = None
    """Pseudonym of a valid number, verified or not."""
    number_rank: int = RANK_NONE
    dob_tag: str | None = None
    match_tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def local_key(self) -> str | None:
        """Of the first local id."""
        return self.local_keys[0] if self.local_keys else None

    @property
    def verified(self) -> bool:
        """Whether the number is the key."""
        return self.number_rank >= RANK_TRACED


def local_key(keys: KeyRing, one: Identifier) -> str:
    """Pseudonym of a local id."""
    return keys.person_key("LOCAL", one.authority, one.value)


def is_verified(status: str, dialect: Partner) -> bool:
    """Whether a number of this status is somebody's word: the status says so, or the sharing agreement."""
    return status.upper() in VERIFIED or dialect.identifiers.number_trust == "traced"


def _rank(statuses: set[str], dialect: Partner) -> int:
    if statuses & VERIFIED:
        return RANK_VERIFIED
    return RANK_TRACED if dialect.identifiers.number_trust == "traced" else RANK_UNVERIFIED


def _number(subject: Subject, dialect: Partner) -> tuple[str, int, set[str]]:
    """The subject's valid number, its rank and the doubts."""
    statuses: dict[str, set[str]] = {}
    doubts: set[str] = set()
    for one in subject.ids:
        if one.system != "NHS":
            continue
        number, verdict = judge(one.value, dialect.identifiers.placeholders, dialect.real)
        if verdict is NumberVerdict.VALID:
            statuses.setdefault(number, set()).add(one.status.upper())
        else:
            doubts.add(_DOUBTS[verdict])
    if not statuses:
        return "", RANK_NONE, doubts
    if len(statuses) > 1:
        return min(statuses), RANK_UNVERIFIED, doubts | {SEVERAL_NUMBERS}
    ((number, said),) = statuses.items()
    # Nobody knows who this is, so a number that came with them proves nothing (PID-31, ITK).
    return number, RANK_UNVERIFIED if subject.identity_unknown else _rank(said, dialect), doubts


def plain_name(text: str) -> str:
    """A family name as it is compared: no accents, no case, letters only."""
    bare = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in bare if letter.isalpha()).casefold()


def _match_tags(subject: Subject, keys: KeyRing) -> tuple[str, ...]:
    """One tag over date of birth, postcode and family name, where all three are there; it only ever proposes
    a match.
    """
    postcode, family = subject.postcode.replace(" ", "").upper(), plain_name(subject.family)
    if subject.identity_unknown or not (subject.birth_date and postcode and family):
        return ()
    return (keys.tag("match", f"{subject.birth_date}|{postcode}|{family}"),)


def identify(subject: Subject, partner: str, dialect: Partner, keys: KeyRing) -> Identity:
    """Give the identity of a subject. Raises ContractViolation NO_IDENTIFIER where nothing it came with can
    be a key.
    """
    own = next((one.value for one in subject.ids if one.system == OWN_KEY), "")
    if own:
        return Identity(own)
    locals_ = tuple(dict.fromkeys(local_key(keys, one) for one in subject.ids if one.system != "NHS"))
    number, rank, doubts = _number(subject, dialect)
    number_key = keys.person_key("NHS", "", number) if number else None
    if number_key and rank >= RANK_TRACED:
        key = number_key
    elif locals_:
        key = locals_[0]
    elif number:
        # An unverified number alone names this partner's record and nobody else's: it can be proposed, never
        # joined.
        key = keys.person_key("LOCAL", f"{partner}:number", number)
        locals_ = (key,)
    else:
        raise ContractViolation(Reason.NO_IDENTIFIER, "person")
    dob_tag = keys.tag("dob", subject.birth_date) if subject.birth_date else None
    return Identity(
        key, locals_, number_key, rank, dob_tag, _match_tags(subject, keys), tuple(sorted(doubts))
    )
