"""Rebuild of a board: from empty to ready on the topics of so many people, one in a hundred of them open;
then started again on what it kept.

In: how many people. Out: seconds, resident memory, bytes of the store, and the first worklist of each start.
"""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import httpx
from kafka import KafkaProducer

from bench.desk import Desk, used
from bench.ground import Ground, Wrong, load_now, say
from bench.load import START_US, person_key
from cli.demo.processes import Child
from schemas.catalogue import EXAMPLES, IDENTITY_PERSON, VIEW_TRANSFER
from schemas.codec import encode
from streams.core.interface.story import example_lines

OPEN_OF = 100
LONG_AGO = "2025-03-01T10:00:00Z"
PATIENCE_S = 1800.0


def people(count: int) -> Any:
    """(topic, key, value): a name and a view of each."""
    name = json.loads((EXAMPLES / "PersonIdentified" / "happy.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in example_lines()]
    who = rows[0] | {"restricted": False, "flags": [], "candidate_links": []}
    spells = [row for row in rows if row["view"] == "spell"]
    stay = next(row for row in spells if row["status"] == "admitted")
    join = next(row for row in rows if row["view"] == "transfer")
    home = {"status": "discharged", "discharged_at": LONG_AGO}
    done = {"must_retract": [], "packages": [], "tasks": [], "support": [], "notices": [], "told": []}
    for number in range(count):
        key, spell_id = person_key(number), f"{number:08x}-5be1-5be1-5be1-5be15be15be1"
        told = {} if number % OPEN_OF == 0 else home
        lines = [
            who | {"person_key": key},
            stay | {"person_key": key, "spell_id": spell_id, "visit_number": f"V{number:08d}", **told},
            join | {"person_key": key, "spell_id": spell_id, **(done if told else {})},
        ]
        record = {
            "person_key": key, "status": "alive", "merged_into": None, "version": "0",
            "received_through": START_US,
            "lines": [json.dumps(line, separators=(",", ":")) for line in lines],
        }  # fmt: skip
        yield VIEW_TRANSFER, key.encode(), encode("TransferView", record, checked=False)
        said = name | {"person_key": key, "family": f"Name{number}"}
        yield IDENTITY_PERSON, key.encode(), encode("PersonIdentified", said, checked=False)


def fill(ground: Ground, count: int) -> float:
    """All of them on their topics; mean bytes of a record."""
    producer = KafkaProducer(bootstrap_servers=ground.bootstrap, linger_ms=20, batch_size=256 * 1024)
    size = 0
    for topic, key, value in people(count):
        producer.send(topic, value, key)
        size += len(value)
    producer.flush()
    producer.close()
    return round(size / (2 * count), 1)


def measure(ground: Ground, count: int) -> dict[str, Any]:
    """Empty, then again on what was kept."""
    with Desk(ground) as desk:
        desk.topics()
        mean = fill(ground, count)
        found: dict[str, Any] = {"people": count, "open_of": OPEN_OF, "mean_bytes": mean, "runs": {}}
        for name in ("from the topics", "from the store"):
            loads, began = load_now(), time.monotonic()
            board = desk.board(name.replace(" ", "-"))
            answers = time.monotonic() - began
            desk.ready(PATIENCE_S)
            ready = time.monotonic() - began
            first = _first_list(desk, count)
            row = {"answers_s": round(answers, 1), "ready_s": round(ready, 1), **first, **used(board)}
            row |= {"loads": loads}
            found["runs"][name] = row
            say(f"  {count:,} people {name}: {row}")
            _stop(desk, board)
        kept = desk.folder / "state" / "board.sqlite3"
        found["store_mib"] = round(kept.stat().st_size / 1024 / 1024)
    return found


def _first_list(desk: Desk, count: int) -> dict[str, Any]:
    cookie, took = desk.signed_in(), list[float]()
    for _ in range(2):
        began = time.monotonic()
        text = httpx.get(f"{desk.url}/worklist?show=all", headers={"Cookie": cookie}, timeout=600).text
        took.append(round(time.monotonic() - began, 2))
    wanted = f"{-(-count // OPEN_OF)} people"
    if wanted not in text and f"{-(-count // OPEN_OF):,} people" not in text:
        raise Wrong(f"the worklist does not say {wanted}")
    return {"first_list_s": took[0], "next_list_s": took[1]}


def _stop(desk: Desk, board: Child) -> None:
    desk.processes.children.remove(board)
    board.popen.send_signal(signal.SIGTERM)
    board.popen.wait(60)


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    lines = [f"{found['people']:,} people, store {found['store_mib']} MiB"]
    return lines + [f"{name:16} {row}" for name, row in found["runs"].items()]
