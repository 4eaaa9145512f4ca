"""`python -m simulator`: build a town, write its ledger, play it over the wires of a running place.

Secrets come from the environment (`HOMEWARD_SECRET_LBB`, …). Exit code 0 when everything that was sent was
answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx

from runtime.staged_clock import StagedClock
from simulator.humans import Desk
from simulator.ledger import Send
from simulator.play import STEPS, Addresses, Player
from simulator.story import SUPPORT
from simulator.town import Town, build
from simulator.wires import FRESH, SenderLog, Webhooks

SECRETS = {
    "lbb-webhook": "HOMEWARD_SECRET_LBB",
    "bwell-webhook": "HOMEWARD_SECRET_BWELL",
    "homeward": "HOMEWARD_SECRET_OWN",
}


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for ledger.json, sender.jsonl and town.json"
    )
    parser.add_argument("--mllp", default="127.0.0.1:2575")
    parser.add_argument("--intake", default="http://127.0.0.1:8081")
    parser.add_argument("--board", default="http://127.0.0.1:8080")
    parser.add_argument("--drop", type=Path, required=True)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=2027)
    parser.add_argument("--ledger-only", action="store_true", help="write the ledger and stop")
    return parser.parse_args()


def write_town(town: Town, out: Path) -> None:
    """The ledger and the story's names, before the first byte."""
    town.ledger.write(out / "ledger.json")
    names = {
        "edith_visit": town.edith_visit,
        "edna_visit": town.edna_visit,
        "left_in_play": town.left_in_play,
    }
    (out / "town.json").write_text(json.dumps(names), encoding="utf-8")


async def play(town: Town, args: argparse.Namespace) -> int:
    """History, the desk's decisions of the morning, then the afternoon."""
    host, port = args.mllp.rsplit(":", 1)
    secrets = {partner: os.environ[name] for partner, name in SECRETS.items()}
    addresses = Addresses(host, int(port), args.intake, args.drop, secrets)
    clock, log = StagedClock(args.clock), SenderLog(args.out / "sender.jsonl")
    webhooks = Webhooks(args.intake, secrets)
    desk = Desk(httpx.AsyncClient(base_url=args.board, timeout=30, limits=FRESH), webhooks)

    async def confirm(when: str) -> None:
        for row in town.ledger.decisions:
            if row["at"] == when:
                await desk.decide(row["support"], row["visit"], row["decision"], clock.now())

    async def after_step(step: datetime) -> None:
        print(json.dumps({"step": step.isoformat(), "acked": player.acked}), flush=True)
        if step == STEPS[-1]:
            await confirm("before")

    edith: list[asyncio.Task[None]] = []

    async def on_story(send: Send) -> None:
        print(json.dumps({"story": send.story, "real": time.time()}), flush=True)
        if send.story == "F3":
            edith.append(asyncio.create_task(hub_confirms_edith()))

    async def hub_confirms_edith() -> None:
        await desk.person_of_support(SUPPORT)
        await clock.sleep(6 * 60)
        await confirm("14:20")
        print(json.dumps({"story": "F4", "real": time.time()}), flush=True)

    player = Player(addresses, clock, log, on_story)
    await player.history(town.sends, after_step)
    await player.afternoon(town.sends, args.speed)
    await asyncio.gather(*edith)
    log.close()
    print(json.dumps({"done": True, "acked": player.acked}), flush=True)
    return 0


def main() -> int:
    """Entry point."""
    args = parse()
    args.out.mkdir(parents=True, exist_ok=True)
    town = build(args.seed)
    write_town(town, args.out)
    if args.ledger_only:
        return 0
    return asyncio.run(play(town, args))


if __name__ == "__main__":
    sys.exit(main())
