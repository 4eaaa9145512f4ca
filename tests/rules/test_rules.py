"""Every rule by its table: a history, a moment, and whether it is raised, quiet, resolved or withdrawn.

A table is `tests/rules/<rule>.toml`: `[[case]]` with `facts` (kind, when, fields), `at`, `expect` and, where
it is raised, `due`. `*sent` and `*acknowledged` are notices: everything owed by the facts before them.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from runtime.place import load_place
from schemas.fact import Fact
from streams.agents.config import core_config
from streams.core.alerts.sweep import Alert, Sweep
from streams.core.reduce import reduce_person
from streams.rules.catalogue import PLACE_RULES, RULES, WATCH_RULES
from tests.core.story import SPELL, at, fact
from tests.rules.tables import HERE, ROOT, table

CONFIG = core_config(load_place("bromley"))
PARTNERS = {"Task": "homeward", "CarePackage": "lbb-webhook", "Support": "bwell-webhook", "Hub": "hub-list"}
HUB = (
    "CareHomeReturnStated", "CriteriaToResideAssessed", "DelayReasonSet", "ExpectedDischargeSet", "OwnerSet",
    "PathwaySet",
)  # fmt: skip
NAMES = [rule.name for rule in RULES]
EVERY = {*NAMES, *(rule.name for rule in (*PLACE_RULES, *WATCH_RULES))}


def cases() -> list[Any]:
    return [pytest.param(name, case, id=f"{name}: {case['name']}") for name in NAMES for case in table(name)]


def history(rows: list[list[Any]]) -> list[Fact]:
    """The facts of a case."""
    facts: list[Fact] = []
    for kind, when, *rest in rows:
        if kind.startswith("*"):
            facts += told(facts, kind[1:].capitalize(), when)
            continue
        given: dict[str, Any] = rest[0] if rest else {}
        # "" takes a time back: TOML has no null.
        fields = {n: (at(v) if v else None) if n.endswith("_at") else v for n, v in given.items()}
        fields.setdefault("thing", SPELL)
        partner = next((who for stem, who in PARTNERS.items() if kind.startswith(stem)), "pruh-adt")
        fields.setdefault("partner", "hub-list" if kind in HUB else partner)
        facts.append(fact(kind, when, **fields))
    return facts


def told(facts: list[Fact], word: str, when: str) -> list[Fact]:
    """What happens to every notice so far: `Sent` to those owed, `Acknowledged` to those sent."""
    transfer = reduce_person(facts, CONFIG).transfer
    assert transfer is not None
    wanted = {"Sent": ("owed",), "Acknowledged": ("sent",)}[word]
    notices = [notice for notice in transfer.telling.notices if notice.state in wanted]
    assert notices, f"nobody to be {word.lower()}"
    names = ("recipient", "fact", "about", "fact_id", "retracts")
    return [
        fact(f"Notice{word}", when, partner="homeward", thing=notice.notice_id,
             **{name: getattr(notice, name) for name in names})
        for notice in notices
    ]  # fmt: skip


def alerts(rule: str, case: dict[str, Any]) -> list[Alert]:
    """What the rule says of a case."""
    sweep = Sweep([one for one in RULES if one.name == rule], CONFIG)
    sweep.take(history(case["facts"]))
    return list(sweep.alerts(at(case["at"])))


@pytest.mark.parametrize(("rule", "case"), cases())
def test_the_table_of_the_rule_holds(rule: str, case: dict[str, Any]) -> None:
    found = alerts(rule, case)
    states = sorted({"open": "raised"}.get(alert.state, alert.state) for alert in found)
    assert states == ([] if case["expect"] == "quiet" else [case["expect"]])
    if "due" in case:
        assert [alert.due_at for alert in found] == [at(case["due"])]
    if "raised" in case:
        assert [alert.raised_at for alert in found] == [at(case["raised"])]


@pytest.mark.parametrize("rule", sorted(EVERY))
def test_a_rule_is_shown_raised_quiet_and_cleared_and_has_its_page(rule: str) -> None:
    """A near miss that stays quiet, a clear condition, and what to do about it (style A3)."""
    expected = {case["expect"] for case in table(rule)}
    assert {"raised", "quiet"} <= expected
    assert expected & {"resolved", "withdrawn"}
    page = (ROOT / "docs" / "runbooks" / f"{rule}.md").read_text(encoding="utf-8")
    assert all(f"## {part}" in page for part in ("What it says", "Do now", "It clears when", "Quiet when"))


def test_every_rule_file_is_in_the_catalogue_and_the_reverse() -> None:
    files = {path.stem for path in (ROOT / "streams" / "rules").glob("*.py")}
    assert files - {"__init__", "catalogue", "about"} == EVERY
    assert {path.stem for path in HERE.glob("*.toml")} == EVERY
    assert {path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md")} >= EVERY


def test_the_page_lists_every_rule() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(runbooks/([a-z_]+)\.md\)", page)) == EVERY


def test_a_rule_that_fails_silences_no_other_and_is_said_aloud() -> None:
    """What it had found stands and falls due; the others go on as if it were not there."""

    def fails_once_ready(picture: Any, config: Any) -> Any:
        if any(spell.ready for spell in picture.spells):
            raise ZeroDivisionError
        yield from real.spans(picture, config)

    real = next(rule for rule in RULES if rule.name == "package_holder_admitted")
    case = next(case for case in table(real.name) if case["expect"] == "raised")
    facts = history(case["facts"])
    later = history([["CriteriaToResideAssessed", case["at"], {"result": "no_longer_meets"}]])
    sound = [rule for rule in RULES if rule.name != real.name]
    sweep = Sweep([*sound, real._replace(spans=fails_once_ready)], CONFIG)
    plain = Sweep(sound, CONFIG)
    for one in (sweep, plain):
        one.take(facts)
        one.take(later)
    now = at(case["at"]) + 48 * 3_600_000_000
    assert [type(failure) for failure in sweep.failures] == [ZeroDivisionError]
    assert plain.failures == []
    found = list(sweep.alerts(now))
    assert [alert for alert in found if alert.rule != real.name] == list(plain.alerts(now))
    assert [alert.state for alert in found if alert.rule == real.name] == ["open"]
