"""What holds of every tracked file: import rules, sizes, where topic names are spelt, nothing of a real
person and nothing of one machine."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.catalogue import RAW_PATTERN, TOPICS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "connectors", "streams", "board", "simulator", "cli", "runtime")
MODULE_LINES_MAX = 250
FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN = 8
TEN_DIGITS = re.compile(r"(?<![0-9])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![0-9])")
DURATION = re.compile(r"""\.ms["']?\s*[:=]\s*["']?\d+""")
"""A broker setting in ms: 90 days in ms would be a valid number."""
MACHINE = re.compile(r"(?<![\w.])/(?:root|home/[a-z]|work|Users)/|(?:C:\\\\Users)")
BINARY = {".png", ".ico", ".gz", ".zip", ".jpg"}


def tracked() -> list[Path]:
    """Files git knows of or would take, that exist now."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [ROOT / name for name in said.stdout.splitlines()]
    return [path for path in found if path.is_file() and path.suffix not in BINARY]


def text_of(path: Path) -> str:
    """The file's text, whatever its encoding: digits and paths are ASCII in all we keep."""
    return path.read_bytes().decode("latin-1")


def modules() -> list[Path]:
    """Our Python modules, without tests."""
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Names and lengths of a module's functions, without their docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(node, clean=False)
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield node.name, length - (len(docstring.splitlines()) if docstring else 0)


def valid_number(digits: str) -> bool:
    """Whether ten digits pass the modulus 11 check of NHS numbers."""
    check = 11 - sum(int(d) * (10 - n) for n, d in enumerate(digits[:9])) % 11
    return check != 10 and int(digits[9]) == check % 11


def issued_range(digits: str) -> bool:
    """Whether the first nine digits are in a range that is given to people."""
    return 400_000_000 <= int(digits[:9]) <= 499_999_999 or 600_000_000 <= int(digits[:9]) <= 799_999_999


def possible_people(text: str) -> list[str]:
    """Numbers in a text that a person could have."""
    found = ("".join(match.groups()) for match in TEN_DIGITS.finditer(DURATION.sub("", text)))
    return [digits for digits in found if issued_range(digits) and valid_number(digits)]


class TestImports:
    """Imports go down only."""

    def test_the_import_contracts_hold(self) -> None:
        lint = Path(sys.executable).with_name("lint-imports")
        said = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert said.returncode == 0, said.stdout + said.stderr


class TestSizes:
    """A module and a function can be read at once."""

    def test_modules_are_short(self) -> None:
        lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
        long = {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > MODULE_LINES_MAX}
        assert long == {}

    def test_functions_are_short(self) -> None:
        found = [(path, *function) for path in modules() for function in functions(path)]
        long = [f"{p.relative_to(ROOT)}:{name} {n}" for p, name, n in found if n > FUNCTION_LINES_MAX]
        assert long == []
        assert statistics.median(n for *_, n in found) <= FUNCTION_LINES_MEDIAN


class TestTopicNames:
    """Topic names are spelt in schemas/ only."""

    def test_no_topic_name_outside_the_catalogue(self) -> None:
        known = (*TOPICS, RAW_PATTERN.partition("<")[0])
        spelt = [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"
            for path in modules()
            if not path.is_relative_to(ROOT / "schemas")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and node.value in known
        ]
        assert spelt == []


class TestNobodyReal:
    """No number in the repository can be a person's (domain 05, IG-21)."""

    def test_no_issued_nhs_number_anywhere(self) -> None:
        found = {
            f"{path.relative_to(ROOT)}: {len(numbers)} numbers"
            for path in tracked()
            if not path.name.endswith((".lock", ".min.css")) and (numbers := possible_people(text_of(path)))
        }
        assert found == set()

    def test_the_search_finds_one(self) -> None:
        number = next(f"{n}{c}" for n in [450_000_001] for c in range(10) if valid_number(f"{n}{c}"))
        assert possible_people(f"PID|1||{number[:3]} {number[3:6]} {number[6:]}^^^NHS") == [number]
        assert possible_people("999 000 0018 4500000001 12345678901234") == []


class TestOneMachine:
    """The repository works in a clone anywhere."""

    @pytest.mark.parametrize("kind", ["path", "registry"])
    def test_nothing_of_one_machine(self, kind: str) -> None:
        pattern = MACHINE if kind == "path" else re.compile(r"^--?(?:extra-)?index-url|^-i ", re.MULTILINE)
        here = Path(__file__).resolve()
        said = [str(p.relative_to(ROOT)) for p in tracked() if p != here and pattern.search(text_of(p))]
        assert said == []

    @pytest.mark.parametrize("name", ["requirements.lock", "requirements-mutation.lock"])
    def test_the_lock_has_hashes_for_everything(self, name: str) -> None:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pinned = [n for n, line in enumerate(lines) if re.match(r"[a-z0-9].*==", line)]
        assert pinned
        assert all("--hash=sha256:" in lines[n + 1] for n in pinned)
