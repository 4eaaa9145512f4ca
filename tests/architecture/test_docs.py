"""Pages that list things list all of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from cli.pages import PAGES

ROOT = Path(__file__).resolve().parents[2]


def requirements(name: str) -> set[str]:
    """Package names of a requirements file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {re.split(r"[=<>\[ ]", line)[0] for line in lines if line and not line.startswith("#")}


def documented(heading: str) -> set[str]:
    """Package names in the table under a heading of docs/dependencies.md."""
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    table = page.split(f"## {heading}")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([a-z][^|]*) \|", table, re.MULTILINE)
    names = (name for cell in cells for name in cell.replace("(exact)", "").split(","))
    return {name.strip() for name in names} - {"package"}


@pytest.mark.parametrize(
    ("heading", "file"), [("To run", "requirements.in"), ("To test and check", "requirements-dev.in")]
)
def test_every_dependency_has_its_reason(heading: str, file: str) -> None:
    assert documented(heading) == requirements(file)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_made_page_says_what_the_code_declares(path: Path) -> None:
    """`make docs` writes them."""
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path]()


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_gaps_and_say_what_they_must() -> None:
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), page.name


def test_make_help_lists_the_targets_of_the_readme() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    listed = set(re.findall(r"^  make ([a-z]+) ", said.stdout, re.MULTILINE))
    assert {"env", "test", "check", "quick", "demo", "bench", "kafka", "nightly", "fault", "help"} <= listed
    mentioned = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert mentioned <= listed
