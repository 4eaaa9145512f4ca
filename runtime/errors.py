"""The two families the runtime knows: `Transient` (retry, then pause) and `Misconfigured` (exit 2 at
start).
"""

from __future__ import annotations


class Transient(Exception):
    """Broker away, subscriber 5xx, registry timeout: retry with jitter; the partner hears no positive ack."""


class Misconfigured(Exception):
    """A setting, place or profile is wrong: says which and what to do; exit code 2."""
