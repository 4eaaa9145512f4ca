"""A connectors process that dies at a step: `dying_process.py PLACE.toml STEP NTH`.

Started by the tests: the real runner with the test hook. STEP `never` lives until SIGTERM. Dying is os._exit:
no clean-up of any kind.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from connectors.broker import clients_of
from connectors.runner import Runner
from runtime import logging
from runtime.place import Place, parse_place
from runtime.settings import load_settings

DEAD = 137


async def main(place: Place, step: str, nth: int) -> None:
    settings = load_settings()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    left = nth

    async def checkpoint(reached: str) -> None:
        nonlocal left
        if reached == step:
            left -= 1
            if left == 0:
                os._exit(DEAD)

    async with clients_of(settings) as (producer, reader, marks):
        runner = Runner(
            settings=settings,
            place=place,
            producer=producer,
            reader=reader,
            marks=marks,
            announce=lambda row: print(json.dumps(row), flush=True),
            checkpoints=checkpoint,
        )
        await runner.run(stop)


if __name__ == "__main__":
    logging.configure()
    found = parse_place(Path(sys.argv[1]).read_text(encoding="utf-8"), "test")
    asyncio.run(main(found, sys.argv[2], int(sys.argv[3])))
