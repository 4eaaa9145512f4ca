"""Why a message or a row was refused: one closed list, one line of meaning each.

A reason never carries the value that offended; `where` says the place of it.
`docs/reasons.md` is made from this file.
"""
from __future__ import annotations

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """A verdict's code, as in `ContractViolation.reason`, quarantine lines and HTTP problem documents."""

    UNREADABLE = "UNREADABLE"
    UNSUPPORTED_EVENT = "UNSUPPORTED_EVENT"
    WRONG_PROCESSING_ID = "WRONG_PROCESSING_ID"
    FIELD_MISSING = "FIELD_MISSING"
    NO_IDENTIFIER = "NO_IDENTIFIER"
    BAD_DATE = "BAD_DATE"
    BAD_DATE_OF_BIRTH = "BAD_DATE_OF_BIRTH"
    NHS_NUMBER_INVALID = "NHS_NUMBER_INVALID"
    NHS_NUMBER_PLACEHOLDER = "NHS_NUMBER_PLACEHOLDER"
    EVENT_IN_FUTURE = "EVENT_IN_FUTURE"
    BEHIND_HORIZON = "BEHIND_HORIZON"
    TARGET_SEALED = "TARGET_SEALED"
    ID_REUSED = "ID_REUSED"
    HEADER_DRIFT = "HEADER_DRIFT"
    FILE_INCOMPLETE = "FILE_INCOMPLETE"
    FILE_SHRUNKEN = "FILE_SHRUNKEN"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    SIGNATURE_EXPIRED = "SIGNATURE_EXPIRED"
    REPLAYED = "REPLAYED"
    UNKNOWN_PARTNER = "UNKNOWN_PARTNER"
    TOO_LARGE = "TOO_LARGE"
    FRAME_INCOMPLETE = "FRAME_INCOMPLETE"
    BAD_CHARSET = "BAD_CHARSET"
    BAD_ROW = "BAD_ROW"
    BAD_VALUE = "BAD_VALUE"
    UNDECODABLE = "UNDECODABLE"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    INVARIANT = "INVARIANT"
    SELF_MERGE = "SELF_MERGE"
    NOT_JSON = "NOT_JSON"
    UNKNOWN_EVENT_TYPE = "UNKNOWN_EVENT_TYPE"
    STATE_TOO_LARGE = "STATE_TOO_LARGE"


MEANING: Final[dict[Reason, str]] = {
    Reason.UNREADABLE: "The bytes are not a message of the partner's format (no MSH, no header row, empty).",
    Reason.UNSUPPORTED_EVENT: "A well-formed message of a trigger we do not translate yet; kept.",
    Reason.WRONG_PROCESSING_ID: "Test traffic on a live feed, or the reverse (MSH-11 is not the dialect's).",
    Reason.FIELD_MISSING: "A field the fact cannot do without is absent.",
    Reason.NO_IDENTIFIER: "No identifier of the person that the dialect trusts, neither local nor NHS.",
    Reason.BAD_DATE: "A date or time that cannot be read or does not exist.",
    Reason.BAD_DATE_OF_BIRTH: "A date of birth that cannot be read or does not exist.",
    Reason.NHS_NUMBER_INVALID: "The NHS number fails its checks. A flag: the local id stays the key.",
    Reason.NHS_NUMBER_PLACEHOLDER: "The NHS number is a known placeholder. A flag: it never joins anyone.",
    Reason.EVENT_IN_FUTURE: "A fact that has happened is dated more than 24 hours after we received it.",
    Reason.BEHIND_HORIZON: "The fact is older than the partner's horizon allows.",
    Reason.TARGET_SEALED: "The fact names a thing already sealed into its summary.",
    Reason.ID_REUSED: "One message id came with different content. A flag: both are kept.",
    Reason.HEADER_DRIFT: "A file's header row no longer has the columns of the dialect.",
    Reason.FILE_INCOMPLETE: "A file whose row count disagrees with its trailer, or that ends inside a row.",
    Reason.FILE_SHRUNKEN: "A full file with far fewer rows than the one before: held until somebody looks.",
    Reason.BAD_SIGNATURE: "The signature is absent or does not match the body.",
    Reason.SIGNATURE_EXPIRED: "The signature's timestamp lies outside the partner's window.",
    Reason.REPLAYED: "An idempotency key came again with another body.",
    Reason.UNKNOWN_PARTNER: "No partner of that name or sender is configured.",
    Reason.TOO_LARGE: "The message is over the size limit.",
    Reason.FRAME_INCOMPLETE: "An MLLP frame without its end.",
    Reason.BAD_CHARSET: "The bytes are not text in the partner's character set.",
    Reason.BAD_ROW: "A row with the wrong number of columns.",
    Reason.BAD_VALUE: "A value of the wrong type or outside its list.",
    Reason.UNDECODABLE: "A record on a topic that is not framed Avro of its schema.",
    Reason.UNKNOWN_SCHEMA: "A record whose schema id or name the contract does not know.",
    Reason.INVARIANT: "Our own bug: the person did not reduce and is parked; nothing was lost.",
    Reason.SELF_MERGE: "A merge of a record with itself.",
    Reason.NOT_JSON: "The body is not JSON, or not a JSON object.",
    Reason.UNKNOWN_EVENT_TYPE: "An event type the contract does not know, or that may not come this way.",
    Reason.STATE_TOO_LARGE: "A person's journal reached its cap: the person is parked, nothing was dropped.",
}
