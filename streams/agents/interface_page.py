"""Write docs/interface.md: `python -m streams.agents.interface_page`."""

from __future__ import annotations

from pathlib import Path

from streams.core.interface.page import page

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "interface.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
