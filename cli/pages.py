"""Pages of the documentation that list what the code declares: written by `make docs`, compared by a test.

In: settings and metrics as declared. Out: Markdown.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from runtime import settings as settings_module
from runtime.metrics import METRICS
from runtime.settings import Settings, variable

_MADE = "Made by `make docs`; a test compares it with the code."


def settings_page() -> str:
    """docs/settings.md."""
    texts = _texts()
    rows = [
        f"| `{variable(name)}` | {_code(str(field.default))} | {texts[name]} |"
        for name, field in Settings.model_fields.items()
    ]
    head = [
        "# Settings",
        "",
        "All are environment variables, secrets are references; `homeward doctor` shows them.",
        _MADE,
        "",
        "| variable | default | what it says |",
        "|---|---|---|",
    ]
    tail = [
        "",
        "Besides: the variables that references name (webhook secrets of `places/*.toml`, SASL password),",
        "`HOMEWARD_RECORDS_KEY` for signed partner records, `DEMO_SECONDS` (length) and",
        "`DEMO_BACK_SECONDS` (how soon F7 has to be true: 2) for `make demo`.",
    ]
    return "\n".join([*head, *rows, *tail]) + "\n"


def metrics_page() -> str:
    """docs/metrics.md."""
    rows = [f"| `{n}` | {m.kind} | {', '.join(m.labels)} | {m.text} |" for n, m in METRICS.items()]
    head = [
        "# Metrics",
        "",
        f"Counted in each process, shown as Prometheus text. Labels never name a person. {_MADE}",
        "",
        "| metric | kind | labels | what it counts |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


PAGES: dict[Path, Callable[[], str]] = {
    Path("docs/settings.md"): settings_page,
    Path("docs/metrics.md"): metrics_page,
}


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _texts() -> dict[str, str]:
    """The text under each field of Settings: Python keeps it only in the source."""
    module = ast.parse(inspect.getsource(settings_module))
    body = next(n for n in module.body if isinstance(n, ast.ClassDef) and n.name == Settings.__name__).body
    found = {}
    for field, text in pairwise(body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = " ".join(said.split())
    return found
