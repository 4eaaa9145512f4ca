"""`homeward run board`: the read API over the view topic."""

from __future__ import annotations

import click

from runtime.settings import load_settings


@click.command()
def command() -> None:
    """Serve the read API on HOMEWARD_BOARD_PORT (loopback unless told otherwise).

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run board
    curl -s http://127.0.0.1:8080/v1/views/spell
    """
    from board.serve import serve

    serve(load_settings())
