"""The row of a `view:"transfer"` line (design.md §9), keys in the listed order.

Inner shapes are documented in docs/interface.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.core.config import MINUTE_US
from streams.core.moments import utc_text
from streams.core.transfer.clocks import Duty, Priority
from streams.core.transfer.join import Transfer
from streams.core.transfer.packages import Holder, Package, Restart
from streams.core.transfer.support import Support
from streams.core.transfer.tasks import Task
from streams.core.transfer.told import Notice, Retraction
from streams.core.transfer.why import Stretch
from streams.core.transfer.wishes import Carer, Document, Preferred
from streams.core.views.spell_line import Row


def transfer_row(transfer: Transfer, person_key: str) -> Row:
    """Write a transfer as a row without `freshness`, which is outside the version."""
    telling = transfer.telling
    owner, what, since, due = transfer.next_step
    return {
        "view": "transfer",
        "person_key": person_key,
        "spell_id": transfer.spell_id,
        "packages": [_package(package) for package in transfer.packages],
        "tasks": [_task(task) for task in transfer.tasks],
        "support": [_support(support) for support in transfer.supports],
        "notices": [_notice(notice) for notice in telling.notices],
        "told": [_told(notice) for notice in telling.told],
        "must_retract": [_retraction(retraction) for retraction in telling.must_retract],
        "documents": [_document(document) for document in transfer.wishes.documents],
        "next_step": {"owner": owner, "what": what, "since": utc_text(since), "due": utc_text(due)},
        "waiting": [
            {"owner": wait.owner, "from": utc_text(wait.since), "to": utc_text(wait.until)}
            for wait in transfer.waiting
        ],
        "preferred_places": [_preferred(one) for one in transfer.wishes.preferred],
        "unpaid_carer": _carer(transfer.wishes.carer),
        "why": [_why(stretch) for stretch in transfer.why],
        "priority": _priority(transfer.priority),
        "duty_to_refer": _duty(transfer.duty),
    }


def freshness_rows(heard: Iterable[tuple[str, int]]) -> list[Row]:
    """Write when each source was last heard; `stale` is joined at read time from the feeds (design.md §6)."""
    return [{"source": source, "heard_at": utc_text(at), "stale": None} for source, at in heard]


def _why(stretch: Stretch) -> Row:
    reason = stretch.reason
    return {
        "owner": stretch.owner,
        "reason": {"raw": reason.raw, "code": reason.code} if reason else None,
        "group": stretch.group,
        "from": utc_text(stretch.since),
        "to": utc_text(stretch.until),
        "minutes": stretch.minutes,
    }


def _priority(priority: Priority | None) -> Row | None:
    if priority is None:
        return None
    return {
        "kind": priority.kind,
        "task_id": priority.task_id,
        "accepted_at": utc_text(priority.accepted_at),
        "start_due_at": utc_text(priority.start_due_at),
        "started_at": utc_text(priority.started_at),
    }


def _duty(duty: Duty | None) -> Row | None:
    if duty is None:
        return None
    return {
        "state": duty.state,
        "basis": duty.basis,
        "since": utc_text(duty.since),
        "task_id": duty.task_id,
        "sent_at": utc_text(duty.sent_at),
    }


def _document(document: Document) -> Row:
    return {
        "document_ref": document.ref,
        "type": document.kind,
        "recipient": document.recipient,
        "source": document.source,
        "arrived_at": utc_text(document.arrived_at),
    }


def _preferred(one: Preferred) -> Row:
    return {
        "purpose": one.purpose,
        "place": one.place,
        "source": one.source,
        "since": utc_text(one.since),
    }


def _carer(carer: Carer | None) -> Row | None:
    if carer is None:
        return None
    return {
        "involved": carer.involved,
        "told": carer.told,
        "source": carer.source,
        "since": utc_text(carer.since),
    }


def _package(package: Package) -> Row:
    return {
        "package_id": package.package_id,
        "source": package.source,
        "ref": package.ref,
        "state": package.state,
        "since": utc_text(package.since),
        "service_type": package.service_type,
        "component": package.component,
        "provider": package.provider,
        "first_call_at": utc_text(package.first_call_at),
        "units_per_week": package.units_per_week,
        "reason": package.reason,
        "unknown_since": utc_text(package.unknown_since),
        "holder_in_hospital": _holder(package.holder),
        "lapses_at": utc_text(package.lapses_at),
        "restart": _restart(package.restart),
        "first_call_done_at": utc_text(package.first_call_done_at),
        "first_call_late_minutes": _late(package),
    }


def _holder(holder: Holder | None) -> Row | None:
    if holder is None:
        return None
    spell_id, admitted_at, readmission = holder
    return {"spell_id": spell_id, "admitted_at": utc_text(admitted_at), "readmission": readmission}


def _restart(restart: Restart | None) -> Row | None:
    if restart is None:
        return None
    return {"at": utc_text(restart.at), "lapsed": restart.lapsed, "pathway": restart.pathway}


def _late(package: Package) -> int | None:
    done, promised = package.first_call_done_at, package.first_call_at
    return None if done is None or promised is None else done // MINUTE_US - promised // MINUTE_US


def _task(task: Task) -> Row:
    return {
        "task_id": task.task_id,
        "source": task.source,
        "kind": task.kind,
        "state": task.state,
        "since": utc_text(task.since),
        "owner": task.owner,
        "requested_at": utc_text(task.requested_at),
        "due_at": utc_text(task.due_at),
        "planned_start_at": utc_text(task.planned_start_at),
        "reason": task.reason,
        "spell_id": task.spell_id,
        "code": task.code,
        "parent_id": task.parent_id,
        "replaces": task.replaces,
    }


def _support(support: Support) -> Row:
    return {
        "support_id": support.support_id,
        "source": support.source,
        "ref": support.ref,
        "state": support.state,
        "since": utc_text(support.since),
        "service": support.service,
        "planned_at": utc_text(support.planned_at),
        "visited_at": utc_text(support.visited_at),
        "consent": support.consent,
        "unknown_since": utc_text(support.unknown_since),
    }


def _notice(notice: Notice) -> Row:
    return {
        "notice_id": notice.notice_id,
        "recipient": notice.recipient,
        "fact": notice.fact,
        "about": notice.about,
        "retracts": notice.retracts,
        "state": notice.state,
        "sent_at": utc_text(notice.sent_at),
        "acked_at": utc_text(notice.acked_at),
        "how": notice.how,
    }


def _told(notice: Notice) -> Row:
    return {
        "recipient": notice.recipient,
        "fact": notice.fact,
        "sent_at": utc_text(notice.sent_at),
        "acked_at": utc_text(notice.acked_at),
        "how": notice.how,
    }


def _retraction(retraction: Retraction) -> Row:
    told, notice, since = retraction
    return {
        "recipient": told.recipient,
        "fact": told.fact,
        "told_at": utc_text(told.sent_at),
        "since": utc_text(since),
        "notice_id": told.notice_id,
        "retraction_id": notice.notice_id,
        "state": notice.state,
    }
