"""Runs a Faust app as this process until it is told to stop or must stop. Out: the exit code."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faust

from runtime.logging import get_logger
from streams.engine.owner import exit_code

log = get_logger("streams.engine")


def serve(build: Callable[[], Any], services: Callable[[Any], Sequence[Any]] = lambda _app: ()) -> int:
    """Build the app and run it, `services` of it first. SIGTERM and SIGINT settle, then 0; a crash is 1, a
    wrong setting 2.

    Logging is the caller's. Faust's own worker prints tracebacks, whose text may quote a record: that
    stream goes nowhere, the engine has logged the error's type and place.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = build()  # only now: parts of a Faust app hold the loop they find when made
    with Path(os.devnull).open("w") as nowhere:
        mute = {"quiet": True, "override_logging": False, "redirect_stdouts": False}
        worker = faust.Worker(app, *services(app), loop=loop, stdout=nowhere, stderr=nowhere, **mute)
        try:
            worker.execute_from_commandline()
            code = 0
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    reason = app.stop_reason
    if reason is not None:
        code = exit_code(reason)
    log.info("engine.stopped", code=code)
    return code
