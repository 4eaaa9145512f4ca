"""HTTP intake: signed requests in, verdicts out as status codes and problem documents (hop 1). Knows
nothing of partners' words.

`POST /v1/webhooks/{partner}`, `POST /v1/events` (CloudEvents 1.0, structured and binary), `POST
/v1/notices/{id}/acknowledge`,
health, metrics and the OpenAPI document. Bodies over the limit are refused unread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from connectors.message import RawMessage
from connectors.transports.doors import Door, Turned, judge, problem, status_of
from connectors.transports.health import add_health
from connectors.verdict import POSITIVE, Answer, Verdict
from runtime.clock import Clock
from runtime.metrics import METER, Metrics
from runtime.place import AckPolicy
from runtime.signatures import IDEMPOTENCY, SIGNATURE, TIMESTAMP
from schemas.reasons import Reason

BODY_BYTES_MAX = 1 << 20
STRUCTURED = "application/cloudevents+json"
_SIGNED = [
    {"name": name, "in": "header", "required": name != IDEMPOTENCY, "schema": {"type": "string"}}
    for name in (TIMESTAMP, SIGNATURE, IDEMPOTENCY)
]


class NoticeDesk(Protocol):
    """Who was told what, as far as an acknowledgement needs it."""

    def secrets(self) -> Mapping[str, bytes]:
        """Secret by recipient."""

    def recipient_of(self, notice_id: str) -> str | None:
        """Whom the notice went to; None when there is no such notice."""

    async def acknowledge(self, notice_id: str) -> Verdict:
        """The recipient has seen the notice."""


@dataclass(frozen=True)
class BodySchemas:
    """JSON schemas for the OpenAPI document: names of webhook bodies, of the event envelope, and all
    components.
    """

    webhooks: tuple[str, ...] = ()
    event: str = ""
    components: Mapping[str, Any] = field(default_factory=dict)

    def one_of(self, *names: str) -> dict[str, Any]:
        """A schema that is one of the components; any object where none is named."""
        refs = [{"$ref": f"#/components/schemas/{name}"} for name in names if name]
        return {"oneOf": refs} if len(refs) > 1 else refs[0] if refs else {"type": "object"}


def intake_app(
    doors: Mapping[str, Door],
    clock: Clock,
    *,
    own: Door | None = None,
    desk: NoticeDesk | None = None,
    ready: Callable[[], bool] = lambda: True,
    meter: Metrics = METER,
    bodies: BodySchemas | None = None,
) -> FastAPI:
    """The application; `bodies` only describes."""
    bodies = bodies or BodySchemas()
    app = FastAPI(title="Homeward intake", version="1", docs_url=None, redoc_url=None)
    _answer_problems(app, meter)
    add_health(app, ready, meter)
    _webhooks(app, doors, clock, bodies)
    if own is not None:
        _events(app, own, clock, bodies)
    if desk is not None:
        _acknowledgements(app, desk, clock)
    _describe(app, bodies)
    return app


def _describe(app: FastAPI, bodies: BodySchemas) -> None:
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        document.setdefault("components", {}).setdefault("schemas", {}).update(bodies.components)
        return document

    app.openapi = described  # type: ignore[method-assign]


def _answer_problems(app: FastAPI, meter: Metrics) -> None:
    @app.exception_handler(Turned)
    async def turned(request: Request, exc: Turned) -> Response:
        partner = request.path_params.get("partner", "")
        known = partner if exc.reason is not Reason.UNKNOWN_PARTNER else ""
        meter.count("toc_refusals_total", partner=known, reason=str(exc.reason))
        document = problem(exc.reason, exc.where)
        return JSONResponse(document, int(document["status"]), media_type="application/problem+json")


def _webhooks(app: FastAPI, doors: Mapping[str, Door], clock: Clock, bodies: BodySchemas) -> None:
    schema = bodies.one_of(*bodies.webhooks)
    extra = {
        "parameters": _SIGNED,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
    }

    @app.post("/v1/webhooks/{partner}", status_code=202, responses=_RESPONSES, openapi_extra=extra)
    async def webhook(partner: str, request: Request) -> Response:
        """A partner's event, signed. The same event again is answered 200."""
        body = await _body(request)
        door = doors.get(partner)
        if door is None:
            raise Turned(Reason.UNKNOWN_PARTNER)
        return await _enter(door, request, body, clock)


def _events(app: FastAPI, own: Door, clock: Clock, bodies: BodySchemas) -> None:
    extra = {
        "parameters": _SIGNED,
        "requestBody": {"required": True, "content": {STRUCTURED: {"schema": bodies.one_of(bodies.event)}}},
    }

    @app.post("/v1/events", status_code=202, responses=_RESPONSES, openapi_extra=extra)
    async def events(request: Request) -> Response:
        """A CloudEvent 1.0, structured or binary, signed like a webhook. `data` is `person_key`,
        `thing` and the fields of the type.
        """
        return await _enter(own, request, await _body(request), clock)


def _acknowledgements(app: FastAPI, desk: NoticeDesk, clock: Clock) -> None:
    @app.post(
        "/v1/notices/{notice_id}/acknowledge",
        status_code=202,
        responses=_RESPONSES,
        openapi_extra={"parameters": _SIGNED},
    )
    async def acknowledge(notice_id: str, request: Request) -> Response:
        """The recipient of a notice has seen it. Signed with the recipient's secret."""
        body = await _body(request)
        recipient = desk.recipient_of(notice_id)
        secrets = desk.secrets()
        # A stranger learns nothing about which notices exist: some recipient's signature comes first.
        secret = secrets.get(recipient or "") or next(iter(secrets.values()), b"")
        judge(
            secret, request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, ""), body, clock, 300
        )
        if recipient is None:
            return JSONResponse(
                problem(Reason.BAD_VALUE, "/notice_id", 404), 404, media_type="application/problem+json"
            )
        return _reply(await desk.acknowledge(notice_id), AckPolicy())


async def _enter(door: Door, request: Request, body: bytes, clock: Clock) -> Response:
    headers = request.headers
    kept, key = door.prepare(headers, body)
    # The signature is over what was sent, the archive keeps what is translated: they differ only in
    # binary mode.
    judge(
        door.secret, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), body, clock, door.window_seconds
    )
    raw = RawMessage(
        door.partner, kept, clock.now(), request.url.path, key, 0, headers.get("content-type", "")
    )
    return _reply(await door.enter(raw, headers.get(SIGNATURE, "")), door.policy)


async def _body(request: Request) -> bytes:
    if int(request.headers.get("content-length") or 0) > BODY_BYTES_MAX:
        raise Turned(Reason.TOO_LARGE)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise Turned(Reason.TOO_LARGE)
        parts.append(part)
    return b"".join(parts)


def _reply(verdict: Verdict, policy: AckPolicy) -> Response:
    status = status_of(verdict, policy)
    if verdict.answer in POSITIVE or status < 400:
        word = "duplicate" if verdict.answer is Answer.DUPLICATE else "accepted"
        return JSONResponse({"status": word}, status)
    retry = {"Retry-After": "5"} if verdict.answer is Answer.UNAVAILABLE else None
    document = problem(verdict.reason, verdict.where, status)
    return JSONResponse(document, status, headers=retry, media_type="application/problem+json")


_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Accepted: kept and published."},
    200: {"description": "Duplicate: this event was taken before."},
    400: {"description": "NOT_JSON or another unreadable body.", **_PROBLEM},
    401: {"description": "BAD_SIGNATURE or SIGNATURE_EXPIRED.", **_PROBLEM},
    404: {"description": "UNKNOWN_PARTNER.", **_PROBLEM},
    409: {"description": "REPLAYED: the idempotency key came with another body.", **_PROBLEM},
    413: {"description": "TOO_LARGE.", **_PROBLEM},
    422: {"description": "Refused and kept in quarantine: see `reason` and `where`.", **_PROBLEM},
    503: {"description": "Not taken: send it again.", **_PROBLEM},
}
