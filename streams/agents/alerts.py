"""What a fold publishes of alerts, as records: how each stands, and every step of its life.

In: what `core/alerts/judging.py` found. Out: records of `toc.view.alert.v1` and `toc.alert.v1`, their ids and
bodies made of the state alone: worked out again they are the same, and whoever heard a step knows its id.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas import ids
from schemas.catalogue import ALERT, VIEW_ALERT
from schemas.holders import person_of
from streams.agents.outputs import WORKER, record_output, tombstone_output
from streams.core.alerts.judging import Judged
from streams.core.alerts.life import Step
from streams.core.alerts.rows import Row
from streams.core.alerts.sweep import alert_line
from streams.engine.types import Output


def alert_outputs(key: str, judged: Judged) -> Iterator[Output]:
    """Views, tombstones and steps of the alerts of one holder: a person, a place. Of two persons who hold one
    thing each has their own view of its alert.
    """
    for row in judged.rows:
        name = _name(key, row.alert.alert_id)
        yield record_output(VIEW_ALERT, "AlertView", name, _view(key, row), checked=False)
    for ident in judged.gone:
        yield tombstone_output(VIEW_ALERT, _name(key, ident))
    for row, step in judged.steps:
        kind = f"Alert{step.name.title()}"
        yield record_output(ALERT, kind, row.alert.alert_id, _step(key, row, step, kind), checked=False)


def _name(key: str, alert_id: str) -> str:
    return f"{key}/{alert_id}"


def _about(key: str, row: Row) -> dict[str, Any]:
    return {
        "alert_id": row.alert.alert_id, "rule": row.alert.rule,
        "severity": "high" if row.rule.high else "normal", "thing": row.alert.thing,
        "person_key": person_of(key),
        "spell_id": row.where.spell_id, "site": row.where.site, "ward": row.where.ward,
        "desks": list(row.rule.who), "raised_at": row.alert.raised_at, "due_at": row.alert.due_at,
        "contact": row.contact.name if row.contact else None,
        "phone": row.contact.phone if row.contact else None, "count": row.life.times,
    }  # fmt: skip


def _view(key: str, row: Row) -> dict[str, Any]:
    life = row.life
    return _about(key, row) | {
        "state": life.state, "changed_at": life.changed_at, "actor": life.actor, "reason": life.reason,
        "until_at": life.until_at, "escalated_at": life.escalated_at,
        "line": alert_line(row.alert, life.state).decode(),
    }


def _step(key: str, row: Row, step: Step, kind: str) -> dict[str, Any]:
    raised = step.name == "raised"
    about = _about(key, row) | ({} if step.name == "escalated" else {"contact": None, "phone": None})
    return about | {
        "event_id": ids.event_id(WORKER, row.alert.alert_id, str(step.at), kind),
        "occurred_at": row.alert.due_at if raised else step.at, "recorded_at": step.at,
        "actor": step.actor, "reason": step.reason, "until_at": step.until_at,
    }
