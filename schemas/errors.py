"""The verdict family of the contract: a message that cannot be taken.

Said with a reason code and a place, never with the value."""
from __future__ import annotations


class ContractViolation(Exception):
    """A verdict on one message: quarantine it with `reason`, go on with the next.

    `reason` is a member of `schemas.reasons.Reason`; `where` is `PID-3[1].1`, `row 7 dob` or a JSON pointer.
    """

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(f"{reason} at {where}" if where else reason)
        self.reason = reason
        self.where = where
