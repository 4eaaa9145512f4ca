"""Events of hospital spells, one class an Avro record of the hospital topic."""
from __future__ import annotations

from schemas.events_base import Long, PersonEvent


class SpellEvent(PersonEvent):
    """What every hospital event carries: the visit as sent."""

    visit_number: str | None = None
    patient_class: str | None = None
    admitted_at: Long | None = None


class PlacedSpellEvent(SpellEvent):
    """A hospital event that says where the person is: ward, room, bed, site, as sent."""

    poc: str | None = None
    room: str | None = None
    bed: str | None = None
    facility: str | None = None


class MovedSpellEvent(PlacedSpellEvent):
    """A move between two places; in a cancel the prior place is the cancelled one."""

    prior_poc: str | None = None
    prior_room: str | None = None
    prior_bed: str | None = None
    movement_id: str | None = None


class SpellPlanned(PlacedSpellEvent):
    """A hospital plans to admit a person (A05, A14)."""

    expected_at: Long | None = None
    admission_method: str | None = None


class SpellPlanCancelled(SpellEvent):
    """A planned admission was called off (A38)."""


class SpellRegistered(PlacedSpellEvent):
    """A person was registered without being admitted, as in an emergency department (A04)."""


class SpellAdmitted(PlacedSpellEvent):
    """A person was admitted: the hospital provider spell began (A01)."""

    admission_method: str | None = None
    admission_source: str | None = None
    specialty: str | None = None


class SpellAdmissionCancelled(SpellEvent):
    """The admission did not happen (A11)."""


class SpellTransferred(MovedSpellEvent):
    """A person moved to another ward, room or bed (A02)."""


class SpellTransferCancelled(MovedSpellEvent):
    """A move did not happen (A12): the place is the one after it, the prior place is cancelled."""


class SpellDischarged(PlacedSpellEvent):
    """A person left hospital: the spell ended (A03)."""

    discharge_method: str | None = None
    discharge_destination: str | None = None


class SpellDischargeCancelled(PlacedSpellEvent):
    """The discharge did not happen (A13): the spell is open again."""


class DischargePending(PlacedSpellEvent):
    """A discharge is expected (A16)."""

    expected_at: Long | None = None


class DischargePendingCancelled(SpellEvent):
    """A discharge is no longer expected (A25)."""


class SpellClassChanged(PlacedSpellEvent):
    """A visit goes on in another class: ED or outpatient to inpatient (A06), or back (A07)."""

    admission_method: str | None = None
    admission_source: str | None = None
    specialty: str | None = None


class SpellDeleted(SpellEvent):
    """The source deleted the record of the visit (A23)."""


class SpellMerged(SpellEvent):
    """A visit is part of another one (A35, A36, A41, A42, A06 with MRG-5); the number is the survivor's."""

    into_spell: str | None = None


class SpellReassigned(SpellEvent):
    """A visit belongs to another record than it was filed under (A44, A45); told to both keys."""

    source_key: str | None = None
    target_key: str | None = None


class SpellLeaveStarted(SpellEvent):
    """A person went on leave; the bed is held (A21)."""

    movement_id: str | None = None


class SpellLeaveStartCancelled(SpellEvent):
    """The leave did not happen (A52)."""

    movement_id: str | None = None


class SpellLeaveEnded(PlacedSpellEvent):
    """A person came back from leave (A22)."""

    movement_id: str | None = None


class SpellLeaveEndCancelled(SpellEvent):
    """The return did not happen (A53): the person is still on leave."""

    movement_id: str | None = None


class TransferPending(PlacedSpellEvent):
    """A move is planned (A15): the place is where the person is, the pending one where they are to go."""

    expected_at: Long | None = None
    pending_poc: str | None = None
    pending_room: str | None = None
    pending_bed: str | None = None
    movement_id: str | None = None


class TransferPendingCancelled(SpellEvent):
    """A planned move was called off (A26)."""

    pending_poc: str | None = None
    pending_room: str | None = None
    pending_bed: str | None = None
    movement_id: str | None = None


class SpellAmended(SpellEvent):
    """What the hospital now says about a spell (A08), field by field."""

    specialty: str | None = None
    expected_discharge_at: Long | None = None
    discharged_at: Long | None = None
    discharge_method: str | None = None
    discharge_destination: str | None = None
    medically_fit: str | None = None
    medically_fit_at: Long | None = None
    admission_method: str | None = None
    admission_source: str | None = None
    poc: str | None = None
    room: str | None = None
    bed: str | None = None
    facility: str | None = None


class SpellCensused(PlacedSpellEvent):
    """A census file lists the person as an inpatient."""

    specialty: str | None = None
