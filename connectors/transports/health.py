"""Health and metrics of a process, beside whatever else it listens for."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from runtime.metrics import CONTENT_TYPE, Metrics


def health_app(ready: Callable[[], bool], meter: Metrics) -> FastAPI:
    """For a process that listens for nothing else."""
    app = FastAPI(title="Homeward", docs_url=None, redoc_url=None, openapi_url=None)
    add_health(app, ready, meter)
    return app


def add_health(app: FastAPI, ready: Callable[[], bool], meter: Metrics) -> None:
    """Whether it lives, whether it is ready, and its metrics."""

    @app.get("/v1/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/v1/health/ready")
    async def is_ready() -> Response:
        up = ready()
        return JSONResponse({"status": "ready" if up else "starting"}, 200 if up else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(meter.exposition(), media_type=CONTENT_TYPE)
