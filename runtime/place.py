"""A place as data: `places/<place>.toml` read into frozen models (design.md §9 "A dialect is data").

In: TOML text. Out: `Place` with its partner instances, each a dialect of a partner kind. Raises
`Misconfigured` naming the file and the setting.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError, model_validator

from runtime.errors import Misconfigured
from runtime.place_terms import Desk, Exclusion, Recipient, Responsibility, Site, Stated, Threshold, Trust
from runtime.reader import Reader
from schemas.catalogue import MIB, PARTNER_BYTES_MAX

PLACES = Path(__file__).resolve().parent.parent / "places"


class Scope(Stated):
    """Allow-list read from MSH, PV1 and PID-7 alone; default deny (design.md §7 "Scope before persist").

    Empty = nothing of that axis is allowed, `["*"]` = all.
    """

    classes: tuple[str, ...] = ("*",)
    sites: tuple[str, ...] = ("*",)
    specialties: tuple[str, ...] = ("*",)
    min_age_years: int | None = None
    """Adults alone, from that age on when it happened."""
    max_age_years: int | None = None
    """Children alone: below that age; an unknown one is closed. Only in a place of children (IG-24)."""
    senders: tuple[str, ...] = ("*",)
    """MSH-4 values taken for person messages without PV1."""

    @property
    def ages(self) -> bool:
        """Whether it says of which age people are."""
        return self.min_age_years is not None or self.max_age_years is not None


class Identifiers(Stated):
    """Which assigning authorities name what. The authority of a bare id (no CX-4) is `default_authority`."""

    local_authorities: tuple[str, ...] = ()
    nhs_authorities: tuple[str, ...] = ("NHS", "NH", "NHSNMBR", "2.16.840.1.113883.2.1.4.1")
    default_authority: str = ""
    visit_authority: str = ""
    placeholders: tuple[str, ...] = ()
    number_trust: Literal["status", "traced"] = "status"
    """`traced`: the sharing agreement says numbers are traced in batches (domain 04 §4.1)."""


class AckPolicy(Stated):
    """What the partner hears. Keys are outcomes; HL7: AA | AE | AR; HTTP: status codes as text."""

    accepted: str = "AA"
    refused: str = "AA"
    out_of_scope: str = "AA"
    wrong_processing_id: str = "AA"
    unreadable: str = "AR"
    unavailable: str = "AE"


class Partner(Stated):
    """One instance of a partner kind: its dialect."""

    kind: Literal[
        "hl7_adt",
        "hub_list",
        "census",
        "council_webhook",
        "council_csv",
        "voluntary_webhook",
        "voluntary_csv",
        "capacity_csv",
        "capacity_webhook",
        "events",
    ]
    title: str = ""
    sector: Literal["hospital", "hub", "council", "voluntary", "system", "own"]
    transport: Literal["mllp", "http", "files"]
    time_zone: str = "Europe/London"
    charset: str = "utf-8"
    honour_msh18: bool = True
    scope: Scope = Scope()
    identifiers: Identifiers = Identifiers()
    event_time: tuple[str, ...] = ("EVN-6", "EVN-2", "MSH-7")
    recorded_time: tuple[str, ...] = ("EVN-2", "MSH-7")
    cancel_names_victim: bool = False
    """Whether EVN-6 of a cancel is the time of the event it cancels."""
    visit_numbers_reused: bool = False
    a08_moves_bed: bool = False
    processing_id: str = "P"
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Code maps by field: `codes.class.INP = "I"`."""
    columns: dict[str, str] = Field(default_factory=dict)
    """CSV: our field name -> header in the file."""
    as_at: str = ""
    """Full files: where as_at is: `name:<strptime pattern>` or `column:<header>`."""
    delimiter: str = ","
    max_bytes: int = Field(0, ge=0, le=PARTNER_BYTES_MAX)
    """The largest message or file taken; 0: 1 MiB, of files what the archive can hold (16 MiB). A webhook's
    body is 1 MiB at most: it is not set there.
    """
    ack: AckPolicy = AckPolicy()
    duplicate_fields: tuple[str, ...] = ()
    """HL7 segments left out of the content that makes a message the same one; MSH never counts."""
    duplicate_window_hours: float = 24
    shrink_hold_ratio: float = 0.6
    silence_minutes: float = 60
    horizon_days: float = 400
    secret_ref: str = ""
    """Name of the environment variable holding the webhook's HMAC secret; never the secret."""
    signature_window_seconds: int = 300
    lapse_days: int | None = None
    """A council's own: days in hospital after which it lets a package go (domain 01 §1.1)."""
    controller: str = ""
    sharing_agreement: str = ""
    purpose: Literal["direct-care", "planning", "research", "public"] = "direct-care"
    real: bool = False
    """True only for a live partner: refused without a signed record (IG-26) and with a simulated clock."""


    @model_validator(mode="after")
    def _webhooks_have_one_limit(self) -> Partner:
        if self.max_bytes and self.transport == "http":
            raise ValueError("max_bytes is for mllp and files: a webhook's body is 1 MiB at most")
        return self

    @property
    def bytes_max(self) -> int:
        """The largest message or file taken: what is over it is refused TOO_LARGE."""
        return self.max_bytes or (PARTNER_BYTES_MAX if self.transport == "files" else MIB)


ABOUT_NOBODY: Final = frozenset({"capacity_csv", "capacity_webhook"})
"""Kinds of partner that send figures: of no person, so of no age."""


class Place(Stated):
    """A place: partners, recipients, source precedence."""

    name: str
    title: str
    councils: tuple[str, ...] = ()
    partners: dict[str, Partner]
    recipients: tuple[Recipient, ...] = ()
    readers: tuple[Reader, ...] = ()
    precedence: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By conflict (`ready`, `pathway`, `expected_discharge`): partner names, strongest first."""
    notice_horizon_hours: float = 24
    """A discharge older than this when first heard is told to nobody (day one, late replays)."""
    hub: str = ""
    icb: str = ""
    responsibility: dict[str, Responsibility] = Field(default_factory=dict)
    """Neighbouring councils: which ICB and hub serve their people (domain 01 §1.15)."""
    fast_track_hours: float | None = None
    """From an accepted fast track to care beginning (domain 01 §1.11); none = no due time is said."""
    exclusions: tuple[Exclusion, ...] = ()
    thresholds: dict[str, tuple[Threshold, ...]] = Field(default_factory=dict)
    """`<rule>.<what>` -> since when which value; none = the rule's own."""
    needs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Rule -> partners any of whose events may end its alerts: these wait behind one that is silent."""
    desks: dict[str, Desk] = Field(default_factory=dict)
    """Opening hours by desk; none = always open."""
    checklist: dict[str, str] = Field(default_factory=dict)
    """Item of the ready-to-go checklist -> who owes it (domain 01 §1.13); empty = none is missing."""
    sites: dict[str, Site] = Field(default_factory=dict)
    trusts: dict[str, Trust] = Field(default_factory=dict)
    """By organisation code: who makes the returns (docs/returns.md)."""
    figure_hours: float = 24
    """A figure older than this is not added to others: it is unknown."""
    opel_schemes: tuple[str, ...] = ()
    """Files of places/opel/: the one in force on the day scores a site."""


    @model_validator(mode="after")
    def _needs_are_of_partners(self) -> Place:
        """A feed that nobody sends is never silent."""
        unknown = sorted({name for names in self.needs.values() for name in names} - self.partners.keys())
        if unknown:
            raise ValueError(f"needs: no partner {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _children_are_kept_apart(self) -> Place:
        """IG-24: a place is of adults or of children, by its partners' scope; its topics are of one kind."""
        partners = self.partners.values()
        others = [one for one in partners if one.sector != "own" and one.kind not in ABOUT_NOBODY]
        children = [one for one in others if one.scope.max_age_years is not None]
        if children and len(children) != len(others):
            raise ValueError("children are a place of their own: max_age_years in every scope or in none")
        unsaid = [n for n, one in self.partners.items() if one.real and one in others and not one.scope.ages]
        if unsaid:
            raise ValueError(f"{', '.join(unsaid)}: a real partner's scope says of which age people are")
        return self


def parse_place(text: str, name: str) -> Place:
    """Read a place from TOML text; `name` is used in errors."""
    try:
        return Place.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise Misconfigured(f"place {name}: not TOML: {exc}") from None
    except ValidationError as exc:
        spots = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors(include_input=False)
        )
        raise Misconfigured(f"place {name}: {spots}") from None


def load_place(name: str, folder: Path = PLACES) -> Place:
    """Read `places/<name>.toml`. Raises Misconfigured when there is none (exit 2)."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise Misconfigured(f"no place {name!r}; known places: {known}")
    return parse_place(path.read_text(encoding="utf-8"), name)


def load_profile(path: Path) -> dict[str, Any]:
    """Read a `--profile` file: a TOML of `[partners.<name>]` tables (all in scope unless it says
    otherwise).
    """
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8")).get("partners", {}))
    except (OSError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(f"profile {path.name}: {exc}") from None
