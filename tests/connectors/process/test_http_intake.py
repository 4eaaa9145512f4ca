"""The HTTP intake in process: signatures, windows, idempotency, sizes, CloudEvents, and what replies say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from connectors.events_door import cloud_event
from connectors.message import RawMessage
from connectors.transports.doors import Door
from connectors.transports.http import BODY_BYTES_MAX, intake_app
from connectors.transports.signatures import sign, verify
from connectors.verdict import Answer, Verdict
from runtime.clock import SECOND, FakeClock
from runtime.metrics import Metrics
from runtime.place import AckPolicy

SECRET = b"test secret"
NOW = 1_800_000_000
BODY = b'{"event":"package.started","package_id":"P1"}'


class Council:
    """An intake app, and what its partner's intake received."""

    def __init__(self, policy: AckPolicy | None = None) -> None:
        self.received: list[RawMessage] = []
        self.verdict = Verdict(Answer.ACCEPTED)
        self.clock = FakeClock(NOW * SECOND)
        self.meter = Metrics()
        self.acknowledged: list[str] = []
        self.up = True
        door = Door("lbb-webhook", SECRET, self.receive, policy or AckPolicy())
        closed = Door("no-secret", b"", self.receive)
        self.app = intake_app(
            {"lbb-webhook": door, "no-secret": closed},
            self.clock,
            own=Door("homeward", SECRET, self.receive, prepare=cloud_event),
            desk=self,
            ready=lambda: self.up,
            meter=self.meter,
        )

    async def receive(self, raw: RawMessage) -> Verdict:
        self.received.append(raw)
        return self.verdict

    def secrets(self) -> Mapping[str, bytes]:
        return {"gp": b"gp secret", "oakfield": b"oakfield secret"}

    def recipient_of(self, notice_id: str) -> str | None:
        return {"n1": "oakfield"}.get(notice_id)

    async def acknowledge(self, notice_id: str) -> Verdict:
        self.acknowledged.append(notice_id)
        return self.verdict

    def send(
        self,
        path: str,
        body: bytes = BODY,
        *,
        secret: bytes = SECRET,
        at: int = NOW,
        key: str = "",
        method: str = "POST",
        **headers: str,
    ) -> tuple[int, dict[str, Any]]:
        async def play() -> tuple[int, dict[str, Any]]:
            sent = {
                "Homeward-Timestamp": str(at),
                "Homeward-Signature": sign(secret, at, body),
                "Content-Type": "application/json",
            }
            sent |= ({"Idempotency-Key": key} if key else {}) | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
                reply = await client.request(method, path, content=body, headers=sent)
            kind = reply.headers["content-type"]
            assert reply.status_code < 400 or kind == "application/problem+json", kind
            return reply.status_code, reply.json()

        return asyncio.run(play())


HOOK = "/v1/webhooks/lbb-webhook"


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


class TestCloudEvents:
    """`POST /v1/events`."""

    def test_structured_mode_is_kept_as_sent(self) -> None:
        council = Council()
        event = json.dumps(
            {"specversion": "1.0", "id": "e1", "type": "toc.match.decided.v1", "source": "desk", "data": {}}
        ).encode()
        assert council.send("/v1/events", event, Content_Type="application/cloudevents+json")[0] == 202
        assert (council.received[0].partner, council.received[0].body, council.received[0].message_id) == (
            "homeward",
            event,
            "e1",
        )

    def test_binary_mode_becomes_the_same_event(self) -> None:
        council = Council()
        code, _ = council.send(
            "/v1/events",
            b'{"thing":"n1"}',
            ce_id="e2",
            ce_type="toc.notice.acknowledged.v1",
            ce_source="gp",
            ce_specversion="1.0",
        )
        assert code == 202
        event = json.loads(council.received[0].body)
        assert (event["id"], event["type"], event["data"]) == (
            "e2",
            "toc.notice.acknowledged.v1",
            {"thing": "n1"},
        )

    def test_a_wrong_signature_is_turned_away(self) -> None:
        council = Council()
        assert council.send("/v1/events", secret=b"no")[0] == 401
        assert council.received == []


class TestAcknowledging:
    """`POST /v1/notices/{id}/acknowledge`."""

    def test_by_its_recipient_only(self) -> None:
        council = Council()
        assert council.send("/v1/notices/n1/acknowledge", b"", secret=b"oakfield secret")[0] == 202
        assert council.acknowledged == ["n1"]
        assert council.send("/v1/notices/n1/acknowledge", b"", secret=b"gp secret")[0] == 401
        assert council.acknowledged == ["n1"]

    def test_strangers_do_not_learn_which_notices_exist(self) -> None:
        council = Council()
        assert council.send("/v1/notices/other/acknowledge", b"", secret=b"stranger")[0] == 401
        assert council.send("/v1/notices/n1/acknowledge", b"", secret=b"stranger")[0] == 401
        assert council.send("/v1/notices/other/acknowledge", b"", secret=b"gp secret")[0] == 404


class TestOperations:
    """Health, metrics, OpenAPI."""

    def test_ready_says_no_until_it_is(self) -> None:
        council = Council()
        council.up = False
        with pytest.raises(AssertionError):  # 503 here is not a problem document: a probe wants the code only
            council.send("/v1/health/ready", b"", method="GET")
        council.up = True
        assert council.send("/v1/health/ready", b"", method="GET") == (200, {"status": "ready"})
        assert council.send("/v1/health/live", b"", method="GET")[0] == 200

    def test_the_interface_is_published(self) -> None:
        _, document = Council().send("/openapi.json", b"", method="GET")
        assert set(document["paths"]) >= {
            "/v1/webhooks/{partner}",
            "/v1/events",
            "/v1/notices/{notice_id}/acknowledge",
        }
        names = {p["name"] for p in document["paths"]["/v1/webhooks/{partner}"]["post"]["parameters"]}
        assert {"Homeward-Timestamp", "Homeward-Signature", "Idempotency-Key", "partner"} <= names
