"""`homeward run registry`: the read-only schema registry, for subscribers in other languages."""

from __future__ import annotations

import click
import uvicorn

from cli.output import emit_json
from runtime.settings import load_settings
from schemas.registry import registry_app


@click.command()
@click.option("--port", type=int, default=None, help="default: HOMEWARD_REGISTRY_PORT")
def command(port: int | None) -> None:
    """Serve the committed schemas under their ids, as Confluent's registry would.

    \b
    homeward run registry
    curl http://127.0.0.1:8082/subjects
    """
    settings = load_settings()
    listen = settings.registry_port if port is None else port
    emit_json({"process": "registry", "host": settings.host, "port": listen})
    uvicorn.run(registry_app(), host=settings.host, port=listen, log_config=None, access_log=False)
