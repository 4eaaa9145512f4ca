"""`homeward run notices` as a process: killed and started again, and when a replay says a step again, a desk
is told once.
"""

from __future__ import annotations

import threading
import time
from http.server import HTTPServer
from pathlib import Path

import httpx
import pytest
from kafka import KafkaProducer

from cli.demo.processes import Child, Processes
from schemas.catalogue import ALERT
from schemas.codec import encode
from tests.conftest import own_broker
from tests.connectors.test_alert_notices import Taken, step
from tests.system.place import ROOT, tail, until

pytestmark = pytest.mark.timeout(420)
WAIT_S = 120.0


def test_a_desk_is_told_once_across_a_kill_and_a_replay(tmp_path: Path) -> None:
    server = HTTPServer(("127.0.0.1", 0), Taken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Taken.bodies.clear()
    with own_broker("embedded") as bootstrap:
        environment = {
            "KAFKA_BOOTSTRAP": bootstrap, "HOMEWARD_PLACE": "bromley", "HOMEWARD_STATE": str(tmp_path / "s"),
            "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
            "HOMEWARD_NOTICES_HUB": f"json://127.0.0.1:{server.server_port}/",
        }  # fmt: skip

        def publish(*names: str) -> None:
            producer = KafkaProducer(bootstrap_servers=bootstrap)
            for name in names:
                kind, said = step("AlertRaised", name, now, severity="high", rule=name)
                producer.send(ALERT, key=name.encode(), value=encode(kind, said))
            producer.flush()
            producer.close()

        def ready(child: Child) -> int:
            def line() -> bool:
                assert child.ended() is None, tail(child)
                return any(row.get("event") == "notices.ready" for row in child.lines())

            until(line, WAIT_S, "ready")
            return int(next(r["health_port"] for r in child.lines() if r.get("event") == "notices.ready"))

        with Processes(tmp_path, environment) as processes:
            topics = processes.homeward("topics", "topics", "apply")
            until(lambda: topics.ended() is not None, WAIT_S, "topics")
            now = int(time.time() * 1_000_000)
            first = processes.homeward("notices-1", "run", "notices")
            ready(first)
            publish("one")
            sent = tmp_path / "s" / "alert-notices.jsonl"
            until(sent.exists, WAIT_S, "the first notice")
            first.popen.kill()
            first.popen.wait(WAIT_S)
            publish("one", "two")
            second = processes.homeward("notices-2", "run", "notices")
            port = ready(second)
            until(lambda: len(sent.read_text("utf-8").splitlines()) == 2, WAIT_S, "the second notice")
            publish("one", "two", "three")
            until(lambda: len(sent.read_text("utf-8").splitlines()) == 3, WAIT_S, "the third notice")
            metrics = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
            assert 'toc_desk_alerts_count{desk="hub"} 3.0' in metrics
            second.popen.terminate()
            assert second.popen.wait(WAIT_S) == 0, tail(second)
    server.shutdown()
    server.server_close()
    titles = [body["title"] for body in Taken.bodies]
    assert titles == ["One, RJZ30: 1 (raised)", "Two, RJZ30: 1 (raised)", "Three, RJZ30: 1 (raised)"]
