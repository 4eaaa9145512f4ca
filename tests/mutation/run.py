"""Mutation testing of `streams/core`: `make mutation` (SAMPLE=0: every mutant, hours).

In: the core, and the tests that are about it. Out: tests/mutation/score.json (which mutants were drawn, what
became of each) and docs/mutation.md. mutmut changes one thing in one function at a time and runs the tests
that reach it. Drawn with a fixed seed from all of them; the share killed of n drawn is within
1.96 * sqrt(p (1 - p) / n) of that of all, 19 times in 20. Exit code 0, or 1 below FLOOR.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCORE, WHY, PAGE = HERE / "score.json", HERE / "survivors.json", ROOT / "docs" / "mutation.md"
METAS = ROOT / "mutants" / "streams" / "core"
FIRST = "streams.core.moments.x__day_text__mutmut_1"
"""Any one mutant: naming it makes mutmut write them all down."""
FLOOR = 0.85
KILLED = frozenset({"killed", "timeout", "caught by type check"})


def mutmut(*arguments: str) -> str:
    """Run mutmut from this environment; its progress goes to the terminal."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    show = arguments[0] == "run"
    done = subprocess.run(command, cwd=ROOT, text=True, check=False, stdout=None if show else subprocess.PIPE)
    if done.returncode and not show:
        sys.exit(f"mutmut {arguments[0]} ended with {done.returncode}")
    return done.stdout or ""


def every() -> list[str]:
    """The names of all mutants."""
    metas = (json.loads(path.read_text(encoding="utf-8")) for path in METAS.rglob("*.meta"))
    return sorted(name for meta in metas for name in meta["exit_code_by_key"])


def verdicts() -> dict[str, str]:
    """What became of each mutant so far."""
    rows = (line.strip().partition(": ") for line in mutmut("results", "--all", "true").splitlines())
    return {name: status for name, colon, status in rows if colon and name.startswith("streams.")}


def module_of(name: str) -> str:
    """`streams.core.spells.stays.x__same__mutmut_1` -> `stays`."""
    return name.split(".")[2]


def page(score: dict[str, str], of: int, why: dict[str, str]) -> str:
    """The page: by module, then the survivors and why."""
    killed = sum(status in KILLED for status in score.values())
    share = killed / len(score)
    within = 1.96 * math.sqrt(share * (1 - share) / len(score))
    by_module: dict[str, Counter[bool]] = defaultdict(Counter)
    for name, status in score.items():
        by_module[module_of(name)][status in KILLED] += 1
    out = [
        "# Mutation testing of the core", "",
        "Written by `make mutation`. mutmut changes one thing in one function of `streams/core` at a time;",
        "what no test notices survives. The pages' example story (`interface/`) is left out.", "",
        f"**{share:.0%} killed** ({killed} of {len(score)} drawn from {of:,}, within {within:.1%}).", "",
        "| Module | Killed | Survived |", "|---|---|---|",
    ]  # fmt: skip
    out += [f"| `{name}` | {found[True]} | {found[False]} |" for name, found in sorted(by_module.items())]
    out += ["", "## Survivors", "", "| Mutant | Why it lives |", "|---|---|"]
    alive = sorted(name for name, status in score.items() if status not in KILLED)
    out += [f"| `{name}` | {why.get(name, 'not looked at yet')} |" for name in alive]
    return "\n".join([*out, ""])


def main() -> None:
    """Draw, run, write."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--sample", type=int, default=300, help="mutants to draw (300); 0: all of them")
    wanted.add_argument("--children", type=int, default=2, help="at a time (2)")
    asked = wanted.parse_args()
    mutmut("run", "--max-children", str(asked.children), FIRST)
    names = every()
    drawn = random.Random(1).sample(names, asked.sample) if asked.sample else names
    mutmut("run", "--max-children", str(asked.children), *drawn)
    found = verdicts()
    score = {name: found[name] for name in drawn if found.get(name, "not checked") != "not checked"}
    SCORE.write_text(json.dumps({"of": len(names), "score": score}, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(score, len(names), json.loads(WHY.read_text(encoding="utf-8"))), encoding="utf-8")
    share = sum(status in KILLED for status in score.values()) / len(score)
    print(f"{share:.1%} of {len(score)} killed; {PAGE.relative_to(ROOT)}")
    sys.exit(share < FLOOR)


if __name__ == "__main__":
    main()
