"""The intake's other HTTP doors: own events, acknowledgements, operations.
"""

from __future__ import annotations

import json

import pytest

from tests.connectors.process.council import (
    Council,
)


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
