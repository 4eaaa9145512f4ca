"""Logs hold no person; metrics are named once and documented."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from runtime.logging import configure, get_logger
from runtime.metrics import METRICS, MetricName, Metrics
from schemas.errors import ContractViolation

NUMBER = "9990000018"
NAME = "Zebedee-Canary"


@pytest.fixture
def lines() -> Iterator[Any]:
    """What was logged, as objects; the logging of the test run is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


class TestLogs:
    """One JSON object a line; nothing identifiable."""

    def test_a_line_says_what_happened(self, lines: Any) -> None:
        get_logger("connectors.mllp").info("message.accepted", partner="pruh-adt", ms=3)
        (line,) = lines()
        said = {name: line[name] for name in ("event", "logger", "level", "partner", "ms")}
        assert said == {
            "event": "message.accepted",
            "logger": "connectors.mllp",
            "level": "info",
            "partner": "pruh-adt",
            "ms": 3,
        }

    def test_no_field_and_no_text_names_a_person(self, lines: Any) -> None:
        log = get_logger("any")
        log.info("seen", nhs_number=NUMBER, name=NAME, family=NAME, body=f"PID|1||{NUMBER}")
        log.info(" ".join(("number", NUMBER[:3], NUMBER[3:6], NUMBER[6:])), note=f"id {NUMBER}, and")
        logging.getLogger("uvicorn").warning("GET /people/%s", NUMBER)
        try:
            raise ValueError(f"bad number {NUMBER} of {NAME}")
        except ValueError:
            log.exception("failed")
            logging.getLogger("library").exception("failed too")
        text = json.dumps(lines())
        assert len(lines()) == 5
        assert NAME not in text
        assert NUMBER not in text.replace(" ", "")

    def test_a_library_that_set_up_its_own_lines_is_taken_over(self) -> None:
        library, its_own, ours = logging.getLogger("uvicorn.error"), io.StringIO(), io.StringIO()
        library.handlers[:], library.propagate = [logging.StreamHandler(its_own)], False
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        try:
            configure("INFO", ours)
            library.warning("GET /people/%s", NUMBER)
        finally:
            structlog.reset_defaults()
            root.handlers[:], root.level = handlers, level
        assert its_own.getvalue() == ""
        assert "GET /people/[number]" in ours.getvalue()

    def test_an_exception_keeps_its_type_and_place(self, lines: Any) -> None:
        try:
            raise ContractViolation("BAD_DATE", "PID-7")
        except ContractViolation:
            get_logger("any").exception("refused")
        (line,) = lines()
        assert (line["error"], line["reason"], line["where"]) == ("ContractViolation", "BAD_DATE", "PID-7")
        assert line["at"][0].startswith("runtime/test_logging_and_metrics.py:")

    def test_times_keys_and_digests_stay(self, lines: Any) -> None:
        said = {
            "at": "2027-01-12T14:41:02Z",
            "key": "p1:EBIV4HDG34BOEPDOVZGO7H3NVM",
            "us": "1795332096708462",
        }
        get_logger("any").info("kept", **said)
        (line,) = lines()
        assert {name: line[name] for name in said} == said

    def test_a_noisy_client_is_damped(self, lines: Any) -> None:
        for n in range(500):
            logging.getLogger("aiokafka.client").error("Unable connect to node %s", n)
        assert 1 <= len(lines()) <= 25


class TestMetrics:
    """Counted in memory, shown as text that others parse."""

    def test_every_metric_is_declared_once(self) -> None:
        assert set(METRICS) == set(get_args(MetricName))

    def test_what_is_counted_is_shown(self) -> None:
        metrics = Metrics()
        metrics.count("toc_events_published_total", 3, topic="t")
        metrics.gauge("toc_ready_bool", 1, process="worker")
        metrics.observe("toc_flush_seconds", 0.02, group="person")
        shown = {s.name: s.value for s in self.samples(metrics) if not s.name.endswith("_created")}
        assert (
            shown["toc_events_published_total"] == metrics.value("toc_events_published_total", topic="t") == 3
        )
        assert (shown["toc_ready_bool"], shown["toc_flush_seconds_count"]) == (1, 1)

    def test_an_unknown_label_is_refused(self) -> None:
        with pytest.raises(ValueError, match="label"):
            Metrics().count("toc_events_published_total", person="x")

    @staticmethod
    def samples(metrics: Metrics) -> list[Any]:
        """Samples as another program reads them."""
        families = text_string_to_metric_families(metrics.exposition().decode())
        return [sample for family in families for sample in family.samples]
