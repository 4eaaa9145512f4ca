"""Who is concerned by a discharge: whoever has something open around it (domain 01 §1.14).

In: a rule of the place, the time of the discharge, the person's packages and supports. Out: yes or no.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.core.config import CoreConfig, RecipientRule
from streams.core.transfer.packages import Package
from streams.core.transfer.support import Support


def concerned(
    rule: RecipientRule,
    at: int,
    packages: Sequence[Package],
    supports: Sequence[Support],
    config: CoreConfig,
) -> bool:
    """Whether the rule's sector had a thing open around the discharge, within the notice horizon after it."""
    if not rule.when:
        return True
    # A charity whose offer the person refused to have shared hears nothing (domain 05 IG-22, IG-23).
    agreed = [support for support in supports if support.consent != "refused"]
    things: Sequence[Package | Support] = agreed if rule.when == "voluntary" else packages
    if rule.when == "package":
        # A provider hears only of the people it serves.
        things = [package for package in packages if _same_name(package.provider, rule)]
    return any(_open_around(thing, at, config.notice_horizon_us) for thing in things)


def _same_name(provider: str | None, rule: RecipientRule) -> bool:
    return provider is not None and provider.strip().casefold() in (
        rule.name.casefold(),
        rule.title.casefold(),
    )


def _open_around(thing: Package | Support, at: int, horizon: int) -> bool:
    opened = thing.history[0][0] if thing.history else thing.since
    return opened <= at + horizon and (thing.open or thing.since >= at)
