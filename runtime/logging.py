"""Logs: one JSON object a line on stderr; no identifiable value ever (design.md §10).

In: structlog events of ours and standard-library records of the clients. Out: JSON lines. Fields that
could hold a person are withheld, ten-digit numbers are masked, and of an exception only the type and the
places are kept: its text may quote a message.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from schemas.errors import ContractViolation

WITHHELD = frozenset(
    {
        *("address", "birth_date", "body", "dob", "family", "given", "ids", "mrn", "name", "nhs_number"),
        *("number", "payload", "person", "postcode", "raw", "subject", "surname", "value"),
    }
)
"""Field names that are never logged, whatever they hold (`partner`, `reason`, `where`, `key` are fine)."""

NOISY = ("aiokafka", "kafka", "faust", "mode")
"""Clients that log hundreds of lines a second while a broker is away (streaming.md §4.1)."""

_DIGITS = re.compile(r"(?<![0-9A-Fa-f-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![0-9A-Fa-f-])")
_NOISE_LINES_MAX = 20
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
Event = MutableMapping[str, Any]


def _withhold(_logger: Any, _method: str, event: Event) -> Event:
    """Withhold fields that could name a person; mask numbers that look like NHS numbers in text."""
    for name, given in event.items():
        if name in WITHHELD:
            event[name] = "[withheld]"
        elif isinstance(given, str):
            event[name] = _DIGITS.sub("[number]", given)
    return event


def _frames(_logger: Any, _method: str, event: Event) -> Event:
    """Turn exc_info into `error` (the type), `at` (the innermost frames) and, of our own verdicts,
    reason and where.
    """
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    exc = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if exc is not None:
        event["error"] = type(exc).__name__
        if isinstance(exc, ContractViolation):
            event["reason"], event["where"] = exc.reason, exc.where
        frames = traceback.extract_tb(exc.__traceback__)[-4:]
        event["at"] = [f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno}" for f in frames]
    return event


class Damper(logging.Filter):
    """At most so many equal-looking lines of a noisy logger in a row of 1,000; says how many it dropped."""

    def __init__(self, lines_max: int = _NOISE_LINES_MAX) -> None:
        super().__init__()
        self.lines_max = lines_max
        self.seen: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """True for the first `lines_max` lines of one template and logger, then for each 1,000th."""
        if not record.name.startswith(NOISY):
            return True
        template = (record.name, str(record.msg)[:80])
        count = self.seen[template] = self.seen.get(template, 0) + 1
        return count <= self.lines_max or count % 1000 == 0


def _take_over() -> None:
    """Take away the handlers a library gave its own loggers: what they write would not be masked."""
    for name in list(logging.root.manager.loggerDict):
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging for this process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames,
        _withhold,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    out = logging.StreamHandler(stream or sys.stderr)
    out.setFormatter(formatter)
    out.addFilter(Damper())
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level)
    _take_over()
    for client in NOISY:
        logging.getLogger(client).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def get_logger(part: str) -> structlog.stdlib.BoundLogger:
    """The logger of a part: `get_logger("connectors.mllp").info("message.accepted", partner=…)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(part)
    return logger
