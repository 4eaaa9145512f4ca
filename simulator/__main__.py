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
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from runtime.staged_clock import StagedClock
from simulator.humans import Desk
from simulator.ledger import Send
from simulator.play import STEPS, Addresses, Player, micros
from simulator.pressure import SITE
from simulator.story import PLAY_START, READY_BEFORE, READY_LAST, SUPPORT
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
    parser.add_argument(
        "--hub-elsewhere", action="store_true", help="somebody on the board is the hub this afternoon"
    )
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


@dataclass
class Moments:
    """What people do beside the wires: the desk's decisions of the morning, Edith's of the afternoon."""

    town: Town
    desk: Desk
    clock: StagedClock
    hub_elsewhere: bool = False
    """The hub's desk of the afternoon is somebody on the board: who is who and whom to phone is theirs."""
    acked: Callable[[], int] = lambda: 0
    going: list[asyncio.Task[None]] = field(default_factory=list)

    async def after_step(self, step: datetime) -> None:
        """A step of the history has been played."""
        print(json.dumps({"step": step.isoformat(), "acked": self.acked()}), flush=True)
        if step == STEPS[-1]:
            await self._confirm("before")

    async def on_story(self, send: Send) -> None:
        """A message of the story was answered."""
        _happened(send.story)
        if send.story == "F1":
            self.going.append(asyncio.create_task(self._desk_of_edith()))
        if send.story == "F3":
            self.going.append(asyncio.create_task(self._hub_confirms_edith()))

    async def _confirm(self, when: str) -> None:
        for row in self.town.ledger.decisions:
            if row["at"] == when:
                await self.desk.decide(row["support"], row["visit"], row["decision"])

    async def _hub_confirms_edith(self) -> None:
        await self.desk.person_of_support(SUPPORT)
        await self.clock.sleep(6 * 60)
        if not self.hub_elsewhere:
            await self._confirm("14:20")
        _happened("F4")

    async def _desk_of_edith(self) -> None:
        visit = self.town.edith_visit
        await self._until(10)
        _happened("F2")
        await self._until(18)
        await self.desk.ready_to_go(visit, READY_BEFORE)
        await self._until(26)
        await self.desk.ready_to_go(visit, READY_LAST)
        _happened("F5")
        await self._until(63)
        _happened("F10")
        await self._until(72)
        if not self.hub_elsewhere:
            await self.desk.phone(visit, "lbb", "A. Reid")
        _happened("F11")
        await self._until(80)
        await self.desk.log_action(SITE, "ring_community", "bromley-healthcare", "2027-01-12T17:00:00Z")
        _happened("F12")

    async def _until(self, minute: int) -> None:
        await self.clock.sleep((micros(PLAY_START) - self.clock.now()) / 1_000_000 + minute * 60)


def _happened(moment: str) -> None:
    print(json.dumps({"story": moment, "real": time.time()}), flush=True)


async def play(town: Town, args: argparse.Namespace) -> int:
    """History, the desk's decisions of the morning, then the afternoon."""
    host, port = args.mllp.rsplit(":", 1)
    secrets = {partner: os.environ[name] for partner, name in SECRETS.items()}
    addresses = Addresses(host, int(port), args.intake, args.drop, secrets)
    clock, log = StagedClock(args.clock), SenderLog(args.out / "sender.jsonl")
    webhooks = Webhooks(args.intake, secrets)
    desk = Desk(httpx.AsyncClient(base_url=args.board, timeout=30, limits=FRESH), webhooks, clock.now)

    moments = Moments(town, desk, clock, args.hub_elsewhere)
    player = Player(addresses, clock, log, moments.on_story)
    moments.acked = lambda: player.acked
    await player.history(town.sends, moments.after_step)
    await player.afternoon(town.sends, args.speed)
    await asyncio.gather(*moments.going)
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
