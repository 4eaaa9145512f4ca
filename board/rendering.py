"""Pages from templates: nhsuk-frontend's own components by their Jinja port, and ours beside them.

In: a template's name and what it shows. Out: HTML, everything escaped. No logo and no licensed typeface of
the NHS is shipped.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader

from board import wording

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


@cache
def environment() -> Environment:
    """The templates; the port of nhsuk-frontend asks for `ChainableUndefined`."""
    loader = ChoiceLoader(
        [FileSystemLoader(FOLDER / "templates"), PackageLoader("nhsuk_frontend_jinja", "templates")]
    )
    env = Environment(
        loader=loader, autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name in (
        "clock",
        "full",
        "age",
        "step",
        "owner",
        "item",
        "coded",
        "number",
        "date",
        "plain",
        "duration",
    ):
        env.filters[name] = getattr(wording, name)
    return env


def render(template: str, **shown: Any) -> str:
    """One page or part of one."""
    return environment().get_template(template).render(**shown)
