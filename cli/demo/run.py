"""Plays the demo: starts a place, lets the simulator play, asserts story and ledger, writes the summary.

In: the length of the play in seconds, a folder. Out: exit code 0, or 1 naming what is missing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from cli.demo import evidence, judge
from cli.demo.api import Api
from cli.demo.counters import outcomes
from cli.demo.facts import Story
from cli.demo.judge import Check
from cli.demo.place import CONNECTED_US, DESKS, DemoPlace
from cli.demo.processes import Child, NotReady
from cli.demo.watch import Watcher, percentiles

PLAY_SECONDS = 5400
SETTLE_SECONDS = 30.0
FRESH = httpx.Limits(max_keepalive_connections=0)
"""A connection a request: the board may close an idle one in the moment the next request is written to it."""
Say = Callable[[str], None]


class Ledger:
    """The simulator's ledger as it stands in its file; only read, never made, by the judge."""

    def __init__(self, path: Path) -> None:
        self.__dict__.update(json.loads(path.read_text(encoding="utf-8")))


def rows(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


async def demo(
    seconds: float, folder: Path, say: Say, *, stay: bool = False, hub_elsewhere: bool = False
) -> int:
    """Play and judge. `hub_elsewhere`: somebody on the board confirms the match and rings the council."""
    shutil.rmtree(folder, ignore_errors=True)
    with DemoPlace(folder) as place:
        started = time.monotonic()
        place.start(say)
        say(f"ready after {time.monotonic() - started:.0f} s: board {place.board_url}/")
        say(f"sign in as {', '.join(DESKS)}; password {place.password}")
        async with httpx.AsyncClient(base_url=place.board_url, timeout=30, limits=FRESH) as client:
            checks, summary = await _play(place, Api(client), seconds, say, hub_elsewhere)
        summary["checks"] = [asdict(check) for check in checks]
        summary["ledger_score"] = round(sum(c.ok for c in checks) / len(checks), 4) if checks else 0.0
        (folder / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
        missing = [check for check in checks if not check.ok]
        if stay and not missing:
            say(f"the place stays up at {place.board_url}; Ctrl-C ends it")
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
    return _verdict(checks, missing, say)


def _verdict(checks: list[Check], missing: list[Check], say: Say) -> int:
    for check in missing:
        say(f"MISSING {check.name}: expected {check.expected}, saw {check.seen}")
    say(f"{len(checks) - len(missing)} of {len(checks)} facts and counts as the ledger says")
    return 1 if missing or not checks else 0


async def _play(
    place: DemoPlace, api: Api, seconds: float, say: Say, hub_elsewhere: bool
) -> tuple[list[Check], dict[str, Any]]:
    assert place.traits is not None
    watcher = Watcher()
    watching = asyncio.create_task(watcher.run(place.bootstrap, place.traits))
    command = [
        sys.executable, "-m", "simulator", "--out", str(place.folder), "--mllp", place.mllp,
        "--intake", place.intake_url, "--board", place.board_url, "--drop", str(place.drop),
        "--clock", str(place.clock.path), "--speed", str(PLAY_SECONDS / seconds),
        *(["--hub-elsewhere"] if hub_elsewhere else []),
    ]  # fmt: skip
    simulator = place.processes.start("simulator", command)
    story = await _follow(place, api, simulator, say)
    await _settled(api)
    await story.f9()
    watching.cancel()
    return await _judge(place, api, story, watcher)


async def _follow(place: DemoPlace, api: Api, simulator: Child, say: Say) -> Story:
    """Check each moment of the story as the simulator says it has come; one does not hold back the next."""
    story: Story | None = None
    heard, tasks = 0, []
    turn = asyncio.Lock()

    async def check(moment: str) -> None:
        assert story is not None
        if moment != "F7":
            await story.at(moment)
            return
        async with turn:
            await story.at(moment)

    while True:
        place.processes.check()
        lines = simulator.lines()
        if story is None and (place.folder / "town.json").exists():
            town = json.loads((place.folder / "town.json").read_text(encoding="utf-8"))
            story = Story(api, town["edith_visit"], town["edna_visit"], lambda: rows(place.inbox))
        for line in lines[heard:]:
            if "story" in line:
                say(f"{line['story']} has happened")
                tasks.append(asyncio.create_task(check(line["story"])))
            elif "step" in line:
                say(f"history to {line['step']}: {line['acked']} HL7 messages acked")
        heard = len(lines)
        if simulator.ended() is not None and heard == len(simulator.lines()):
            break
        await asyncio.sleep(0.05)
    await asyncio.gather(*tasks)
    if story is None:
        raise NotReady("the simulator ended before it had written its ledger")
    return story


async def _settled(api: Api) -> None:
    """Wait until two looks at the whole board, a second apart, are the same; bounded."""
    deadline, before = time.monotonic() + SETTLE_SECONDS, ""
    while time.monotonic() < deadline:
        now = json.dumps([await api.lines(view) for view in ("spell", "person", "transfer", "quarantine")])
        if now == before:
            return
        before = now
        await asyncio.sleep(1.0)


async def _judge(
    place: DemoPlace, api: Api, story: Story, watcher: Watcher
) -> tuple[list[Check], dict[str, Any]]:
    assert place.traits is not None
    ledger: Any = Ledger(place.folder / "ledger.json")
    sender = rows(place.folder / "sender.jsonl")
    found = await evidence.gather(place.bootstrap, place.traits, ledger.out_of_scope_words)
    counted = await outcomes(place.intake_url)
    shown = judge.index(await api.lines("spell"), await api.lines("transfer"))
    joined, joins = judge.joins(ledger, shown)
    inbox = rows(place.inbox)
    checks = [
        *story.checks, *judge.nothing_lost(ledger, sender, found), *judge.counts(ledger, counted), *joined,
        *judge.census(ledger, shown), *judge.told_once(ledger, shown, inbox),
        judge.nothing_about_the_past(found, CONNECTED_US), judge.action_logged(found),
        *_files(place, ledger.out_of_scope_words),
    ]  # fmt: skip
    effects = {
        s["message_id"]: s["effect"] for s in ledger.sends if s["effect"] and s["at"] >= "2027-01-12T14:00"
    }
    timed = [
        (effects[r["message_id"]], r["sent_us"])
        for r in sender
        if effects.get(r["message_id"]) and r["label"] != "repeat"
    ]
    lost = next(c for c in checks if c.name.startswith("acked in scope"))
    summary: dict[str, Any] = {
        "hl7_messages_acked": sum(1 for r in sender if r["answer"] == "AA"),
        "events_by_sector": dict(found.events_by_topic),
        **joins,
        "refusals_by_reason": _causes(counted, "quarantined"),
        "no_change_by_cause": _causes(counted, "ignored"),
        "duplicates_absorbed": sum(_causes(counted, "duplicate").values()),
        "events_lost": int(lost.seen),
        "wire_to_view_ms": percentiles(watcher.delays_ms(timed)),
        "broker": place.traits.name,
    }
    return checks, summary


def _causes(counted: dict[str, dict[str, int]], kind: str) -> dict[str, int]:
    causes: dict[str, int] = {}
    for outcomes_of in counted.values():
        for outcome, count in outcomes_of.items():
            if outcome.startswith(f"{kind}:"):
                causes[outcome.partition(":")[2]] = causes.get(outcome.partition(":")[2], 0) + count
    return causes


def _files(place: DemoPlace, words: list[str]) -> list[Check]:
    """Logs, state and drop folders; the simulator's own ledger is not the place's."""
    folders = (place.folder / "logs", place.folder / "state", place.drop)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = {word for path in files for word in words if word.encode() in path.read_bytes()}
    return [judge.same("out-of-scope words in any log or file", set(), found)]
