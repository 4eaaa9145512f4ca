"""The HTTP intake in process: signatures, windows, idempotency, sizes, CloudEvents, and what replies say.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.transports.http import BODY_BYTES_MAX
from connectors.verdict import Answer, Verdict
from runtime.clock import SECOND
from runtime.place import AckPolicy
from runtime.signatures import sign, verify
from tests.connectors.process.council import (
    BODY,
    HOOK,
    NOW,
    SECRET,
    Council,
)


class TestSignatures:
    """Vectors of `Homeward-Signature`."""

    def test_the_vector_of_the_interface_page(self) -> None:
        made = sign(b"whsec_test", 1_800_000_000, b'{"a":1}')
        assert made == "v1=7de5e6bbc99c65ef0ddccacd4308ba03a5a12eb8859a0db070c5ca731c4fdc19"
        assert verify(b"whsec_test", "1800000000", made, b'{"a":1}', 1_800_000_000, 300) == ""

    @pytest.mark.parametrize(
        ("timestamp", "signature", "now", "reason"),
        [
            ("1800000000", "ok", 1_800_000_300, ""),
            ("1800000000", "ok", 1_800_000_301, "SIGNATURE_EXPIRED"),
            ("1800000000", "ok", 1_799_999_699, "SIGNATURE_EXPIRED"),
            ("1800000001", "ok", 1_800_000_000, "BAD_SIGNATURE"),
            ("1800000000", "v1=" + "0" * 64, 1_900_000_000, "BAD_SIGNATURE"),
            ("1800000000", "", 1_800_000_000, "BAD_SIGNATURE"),
            ("", "ok", 1_800_000_000, "BAD_SIGNATURE"),
            ("-1", "ok", 1_800_000_000, "BAD_SIGNATURE"),
            ("18e8", "ok", 1_800_000_000, "BAD_SIGNATURE"),
            ("1800000000", "old, ok", 1_800_000_000, ""),
        ],
    )
    def test_judged_before_the_window(self, timestamp: str, signature: str, now: int, reason: str) -> None:
        given = signature.replace("ok", sign(SECRET, NOW, BODY))
        assert verify(SECRET, timestamp, given, BODY, now, 300) == reason


class TestWebhook:
    """A partner's POST."""

    def test_accepted_and_kept_as_sent(self) -> None:
        council = Council()
        assert council.send(HOOK, key="id-1") == (202, {"status": "accepted"})
        (raw,) = council.received
        assert (raw.partner, raw.body, raw.message_id, raw.received_at) == (
            "lbb-webhook",
            BODY,
            "id-1",
            NOW * SECOND,
        )

    def test_a_duplicate_is_told_so(self) -> None:
        council = Council()
        council.verdict = Verdict(Answer.DUPLICATE)
        assert council.send(HOOK, key="id-1") == (200, {"status": "duplicate"})

    @pytest.mark.parametrize(
        ("change", "status", "reason"),
        [
            ({"secret": b"other"}, 401, "BAD_SIGNATURE"),
            ({"at": NOW - 301}, 401, "SIGNATURE_EXPIRED"),
            ({"path": "/v1/webhooks/nobody"}, 404, "UNKNOWN_PARTNER"),
            ({"path": "/v1/webhooks/no-secret", "secret": b""}, 401, "BAD_SIGNATURE"),
            ({"body": b"x" * (BODY_BYTES_MAX + 1)}, 413, "TOO_LARGE"),
        ],
    )
    def test_turned_away_unread(self, change: dict[str, Any], status: int, reason: str) -> None:
        council = Council()
        path = change.pop("path", HOOK)
        code, document = council.send(path, **change)
        assert (code, document["status"], document["reason"]) == (status, status, reason)
        assert council.received == []
        partner = "" if reason == "UNKNOWN_PARTNER" else path.rsplit("/", 1)[1]
        assert council.meter.value("toc_refusals_total", partner=partner, reason=reason) == 1

    def test_a_key_with_another_body_is_a_replay(self) -> None:
        council = Council()
        assert council.send(HOOK, key="id-1")[0] == 202
        assert council.send(HOOK, key="id-1")[0] == 202
        code, document = council.send(HOOK, BODY + b" ", key="id-1")
        assert (code, document["reason"]) == (409, "REPLAYED")

    def test_a_signature_serves_one_key_only(self) -> None:
        council = Council()
        assert council.send(HOOK, key="id-1")[0] == 202
        code, document = council.send(HOOK, key="id-2")
        assert (code, document["reason"]) == (409, "REPLAYED")

    def test_a_key_whose_message_was_not_taken_is_free_again(self) -> None:
        council = Council()
        council.verdict = Verdict(Answer.UNAVAILABLE)
        assert council.send(HOOK, key="id-1")[0] == 503
        council.verdict = Verdict(Answer.ACCEPTED)
        assert council.send(HOOK, BODY + b" ", key="id-1")[0] == 202

    @pytest.mark.parametrize(
        ("verdict", "policy", "status"),
        [
            (Verdict(Answer.REFUSED, "BAD_DATE", "/occurred_at"), AckPolicy(), 422),
            (Verdict(Answer.REFUSED, "NOT_JSON"), AckPolicy(), 400),
            (Verdict(Answer.UNREADABLE, "UNREADABLE"), AckPolicy(), 400),
            (Verdict(Answer.REFUSED, "BAD_DATE", "/occurred_at"), AckPolicy(refused="400"), 400),
            (Verdict(Answer.UNAVAILABLE), AckPolicy(unavailable="202"), 503),
        ],
    )
    def test_refusals_name_reason_and_place(self, verdict: Verdict, policy: AckPolicy, status: int) -> None:
        council = Council(policy)
        council.verdict = verdict
        code, document = council.send(HOOK)
        assert (code, document["reason"], document.get("where", "")) == (
            status,
            verdict.reason,
            verdict.where,
        )
        assert document["title"]
