"""The story in the terminal: what happened when, and at the end a card a tired person can read.

In: text lines and checks. Out: rich output; plain where it is not a terminal.
"""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.table import Table

BANNER = "SYNTHETIC: nobody here is real, and nothing here is for clinical decisions"


class Teller:
    """Says lines with the seconds since the start."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(f"[dim]{time.monotonic() - self._start:6.1f} s[/dim]  {text}", soft_wrap=True)

    def card(self, summary: dict[str, Any]) -> None:
        """The closing card: facts, then counts."""
        table = Table(title="Edith's afternoon", caption=BANNER)
        for column in ("", "fact", "expected", "seen"):
            table.add_column(column)
        for check in summary["checks"]:
            mark = "[green]yes[/green]" if check["ok"] else "[bold red]NO[/bold red]"
            table.add_row(mark, check["name"], _short(check["expected"]), _short(check["seen"]))
        self.console.print(table)
        wire = summary["wire_to_view_ms"]
        said = (
            f"{summary['hl7_messages_acked']} HL7 messages acknowledged",
            f"{summary['events_lost']} lost",
            f"{summary['duplicates_absorbed']} repeats absorbed",
            f"{summary['persons_joined_across_sectors']} people joined across sectors",
            f"{summary['false_joins']} wrongly",
            f"wire to view p50 {wire['p50']} ms, p99 {wire['p99']} ms",
        )
        self.console.print(" · ".join(said), soft_wrap=True)
        self.console.print("Same afternoon, any order: same board (`homeward prove`).")
        self.console.print(
            "What this demo does not prove: real dialects, a cluster of brokers, clinical safety in use.",
            soft_wrap=True,
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
