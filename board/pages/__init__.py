"""The pages: a page is a file with `LINK` and `add(app, site)`, and a row here, in the order of the
navigation (a link without a title is in no navigation).
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from board.pages import (
    actions,
    alerts,
    audit,
    bulletin,
    export,
    feeds,
    huddle,
    matches,
    person,
    place,
    quarantine,
    returns,
    say,
    sign_in,
    sign_in_oidc,
    wall,
    worklist,
)

PAGES: Final[tuple[ModuleType, ...]] = (
    worklist,
    export,
    person,
    say,
    alerts,
    matches,
    wall,
    huddle,
    place,
    actions,
    returns,
    bulletin,
    feeds,
    quarantine,
    audit,
    sign_in,
    sign_in_oidc,
)
