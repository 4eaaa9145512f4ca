"""CloudEvents 1.0 in Kafka binary mode: the envelope as record headers (design.md §3 "Envelope").

In: what a producer knows about one event. Out: header pairs, and back. Header values are pseudonyms, names of
systems and times: never identifiable.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from schemas import ids
from schemas.catalogue import ce_type, kind_of
from schemas.errors import ContractViolation
from schemas.reasons import Reason
from schemas.released import schema

SPEC_VERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/vnd.confluent.avro"
"""The value of a record is framed Avro."""
DATASCHEMA: Final = "/schemas/ids/"
"""`ce_dataschema` is this path and the schema's id, on whichever registry serves them."""
REQUIRED: Final = ("ce_id", "ce_type", "ce_source", "ce_specversion")
NAMES: Final = (
    "ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "ce_partitionkey", "ce_dataschema",
    "content-type", "receivedtime", "correlationid", "controller", "purpose", "translatorrev",
)
"""Every header of a person event, in the order they are written."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_1: Final = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_YEAR_9999: Final = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def time_text(micros: int) -> str:
    """Write µs since the epoch as RFC 3339 UTC, to the microsecond."""
    moment = _EPOCH + timedelta(microseconds=micros)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def headers(
    kind: str, record: Mapping[str, Any], key: str, *,
    correlation_id: str = "", controller: str = "", purpose: str = "direct-care",
) -> dict[str, str]:
    """Give the headers of an event of `kind` published under `key`, from the record's own common fields.

    `correlation_id` is the digest of the raw message (empty: the event's own id); `controller` and `purpose`
    are the partner's, from its dialect. Records without times (the view) leave the time headers out.
    """
    event_id = _id(kind, record, key)
    found = {
        "ce_id": event_id,
        "ce_type": ce_type(kind),
        "ce_source": f"/homeward/{record.get('partner', 'worker')}",
        "ce_time": _time(record.get("occurred_at")),
        "ce_specversion": SPEC_VERSION,
        "ce_partitionkey": key,
        "ce_dataschema": f"{DATASCHEMA}{schema(kind).id}",
        "content-type": CONTENT_TYPE,
        "receivedtime": _time(record.get("received_at")),
        "correlationid": correlation_id or event_id,
        "controller": controller,
        "purpose": purpose,
        "translatorrev": str(record["translator_rev"]) if "translator_rev" in record else "",
    }
    return {name: value for name, value in found.items() if value}


def _id(kind: str, record: Mapping[str, Any], key: str) -> str:
    """The record's own id; a view is named by its key and version, so that the same view has the same id, and
    progress by how far it is.
    """
    for field in ("event_id", "quarantine_id", "sha256"):
        if record.get(field):
            return str(record[field])
    version = record.get("version", record.get("complete_to", ""))
    return ids.event_id("worker", key, str(version), kind)


def _time(micros: int | None) -> str:
    return "" if micros is None or not _YEAR_1 <= micros <= _YEAR_9999 else time_text(micros)


def to_kafka(values: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Give the headers as Kafka clients take them."""
    return [(name, value.encode()) for name, value in values.items()]


def from_kafka(pairs: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Read the headers of a record back, the last of a name winning. Raises UNDECODABLE if not text."""
    try:
        return {name: (value or b"").decode() for name, value in pairs}
    except UnicodeDecodeError:
        raise ContractViolation(Reason.UNDECODABLE, "headers") from None


def kind_of_headers(values: Mapping[str, str]) -> str:
    """Give the record name said by the headers of an event.

    Raises FIELD_MISSING where a required CloudEvents attribute is absent, BAD_VALUE for another CloudEvents
    version, UNKNOWN_EVENT_TYPE for a type the contract does not know.
    """
    for name in REQUIRED:
        if not values.get(name):
            raise ContractViolation(Reason.FIELD_MISSING, f"headers/{name}")
    if values["ce_specversion"] != SPEC_VERSION:
        raise ContractViolation(Reason.BAD_VALUE, "headers/ce_specversion")
    return kind_of(values["ce_type"])
