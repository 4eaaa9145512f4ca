"""Events of care at home: the council's packages and voluntary support."""
from __future__ import annotations

from schemas.events_base import Long, PersonEvent


class CarePackageEvent(PersonEvent):
    """What every care package event of a council carries."""

    service_type: str | None = None
    component: str | None = None
    provider: str | None = None
    first_call_at: Long | None = None
    units_per_week: float | None = None
    reason: str | None = None
    record_ref: str | None = None


class CarePackageRequested(CarePackageEvent):
    """A package of care was asked for."""


class CarePackageProposed(CarePackageEvent):
    """A package of care was proposed by a provider."""


class CarePackageApproved(CarePackageEvent):
    """A package of care was agreed."""


class CarePackageStarted(CarePackageEvent):
    """Care began."""


class CarePackageSuspended(CarePackageEvent):
    """Care is paused, for instance during a stay in hospital."""


class CarePackageLapsed(CarePackageEvent):
    """A suspended package was given up."""


class CarePackageRestarted(CarePackageEvent):
    """A suspended package began again."""


class CarePackageChanged(CarePackageEvent):
    """What the package holds was changed."""


class CarePackageEnded(CarePackageEvent):
    """The package ended."""


class CarePackageEnteredInError(CarePackageEvent):
    """The package never should have been recorded."""


class CarePackageRowGone(PersonEvent):
    """The package is no longer in the council's full file."""


class SupportEvent(PersonEvent):
    """What every support event of a voluntary organisation carries."""

    service: str | None = None
    planned_at: Long | None = None
    consent: str | None = None
    record_ref: str | None = None


class SupportRequested(SupportEvent):
    """Support by a voluntary organisation was asked for."""


class SupportAccepted(SupportEvent):
    """A voluntary organisation took the support on."""


class SupportVisitDone(SupportEvent):
    """A support visit took place."""


class SupportClosed(SupportEvent):
    """The support ended."""


class SupportRowGone(PersonEvent):
    """The support is no longer in the organisation's full file."""
