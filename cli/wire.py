"""What commands say to a running place over HTTP: reading the board, posting our own signed events.

In: URLs and fields. Out: text, or one event taken by the intake. Raises Transient where nobody answers.
"""

from __future__ import annotations

import os
import uuid

import click

from runtime.errors import Misconfigured, Transient
from runtime.own_events import PATH, SECRET, signed
from runtime.settings import load_settings

INTAKE = click.option("--intake", help="The intake's URL; default: HOMEWARD_INTAKE_PORT on this machine.")


def get_text(url: str) -> str:
    import httpx

    try:
        response = httpx.get(url, timeout=30)
        response.raise_for_status()
    except httpx.HTTPError as exc:
        raise Transient(f"the board at {url}: {type(exc).__name__}; is `homeward run board` up?") from None
    return response.text


def post_event(kind: str, fields: dict[str, str], intake: str | None) -> None:
    """Post one signed CloudEvent to the intake. Raises Misconfigured without the secret, Transient if it is
    not taken.
    """
    import httpx

    settings = load_settings()
    secret = os.environ.get(SECRET, "")
    if not secret:
        raise Misconfigured(f"{SECRET} is not set: the secret that signs our own events")
    url = intake or f"http://127.0.0.1:{settings.intake_port}"
    body, headers = signed(
        kind, fields, settings.wall.now(), str(uuid.uuid4()), "/homeward/cli", secret.encode()
    )
    try:
        response = httpx.post(url + PATH, content=body, headers=headers, timeout=30)
    except httpx.HTTPError as exc:
        raise Transient(
            f"the intake at {url}: {type(exc).__name__}; is `homeward run connectors` up?"
        ) from None
    if response.status_code not in (200, 202):
        raise click.ClickException(f"the intake refused it: {response.text[:300]}")
