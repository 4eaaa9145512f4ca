"""Mutants of how an alert lives."""

from __future__ import annotations

from streams.core.alerts import sweep as alerting
from tests.scenarios.broken.registry import Patch, mutant


@mutant("what is over was never late")
def never_late(patch: Patch) -> None:
    real = alerting._state

    def state(*said: object) -> tuple[str, int]:
        found, due_at = real(*said)  # type: ignore[arg-type]
        return ("withdrawn" if found == "resolved" else found), due_at

    patch.setattr(alerting, "_state", state)


@mutant("an alert is never taken back")
def never_withdrawn(patch: Patch) -> None:
    real = alerting._state

    def state(alert: alerting.Alert, *said: object) -> tuple[str, int]:
        found, due_at = real(alert, *said)  # type: ignore[arg-type]
        return (alert.state if found == "withdrawn" else found), due_at

    patch.setattr(alerting, "_state", state)
