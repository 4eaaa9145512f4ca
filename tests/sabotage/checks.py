"""What must hold of a played town, by name: the judge's checks of the demo and those of what was added.

In: the town with its truth, what was played. Out: checks. A sabotage must make the one it names fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.demo.judge import Check, Line, census, counts, joins, same, told_once
from runtime.place import load_place
from simulator.ledger import Send
from simulator.town import Town
from tests.sabotage.playing import END, Played, text
from tests.sabotage.town import Added

MOVES = {
    "A01": "SpellAdmitted", "A02": "SpellTransferred", "A03": "SpellDischarged",
    "A11": "SpellAdmissionCancelled", "A12": "SpellTransferCancelled", "A13": "SpellDischargeCancelled",
}  # fmt: skip
TOLD = 4
"""GP, council, Oakfield and the charity are told of Edith's discharge."""
NUMBERS_OF_THE_FULL_TOWN = {
    "people with facts of three sectors",
    "of them only through a link or a decision",
    "near misses in the ledger",
}


def checks(town: Town, added: Added, played: Played) -> dict[str, Check]:
    """All checks by name."""
    found = [*_judged(town, played), *_edith(town, played), *_added(added, played), *_times(town, played)]
    found += _facts(town, played)
    return {check.name: check for check in found}


def _judged(town: Town, played: Played) -> Iterator[Check]:
    shown = played.shown()
    joined, _ = joins(town.ledger, shown)
    yield from (check for check in joined if check.name not in NUMBERS_OF_THE_FULL_TOWN)
    yield from census(town.ledger, shown)
    yield from told_once(town.ledger, shown, played.inbox)
    yield from counts(town.ledger, played.counted)


def _facts(town: Town, played: Played) -> Iterator[Check]:
    """Against the bytes the simulator sent: each arrival, move and departure that was accepted is a fact."""
    accepted = [send.label for send in town.sends if send.expect == {"accepted": 1}]
    sent = Counter(MOVES[label] for label in accepted if label in MOVES)
    seen = Counter({kind: played.kinds[kind] for kind in sent})
    yield same("every arrival, move and departure is a fact", sent, seen)


def _edith(town: Town, played: Played) -> Iterator[Check]:
    spell = _spell(played, town.edith_visit)
    transfer = next((t for t in played.view("transfer") if t["spell_id"] == spell.get("spell_id")), {})
    place = (spell.get("location") or {}).get("poc")
    yield same("Edith is back on her ward", ("admitted", "M4"), (spell.get("status"), place))
    yield same("Edith: everyone is told once", TOLD, len(transfer.get("told", ())))
    owed = [entry["recipient"] for entry in transfer.get("must_retract", ())]
    yield same("Edith: who still has to be told otherwise", ["lbb"], owed)


def _added(added: Added, played: Played) -> Iterator[Check]:
    person = _spell(played, added.restricted).get("person_key")
    masked = [line["restricted"] for line in played.view("person") if line["person_key"] == person]
    yield same("the restricted person is restricted", [True], masked)
    said = _spell(played, added.summer).get("admitted_at")
    yield same("a stay that began in summer time", added.summer_admitted, said)
    kept = _spell(played, added.partial).get("expected_discharge_at")
    yield same("what a message leaves out stays", added.expected_discharge, kept)
    late = _spell(played, added.merged).get("expected_discharge_at")
    yield same("what comes under a merged number reaches the survivor", added.expected_discharge, late)


def _times(town: Town, played: Played) -> Iterator[Check]:
    """Against the bytes the simulator sent: when people left, and who was last heard when."""
    left = {
        line["visit_number"]: line["discharged_at"] for line in played.view("spell") if line["discharged_at"]
    }
    truth = _departures(town)
    wrong = {visit for visit in left if visit in truth and left[visit] != truth[visit]}
    assert truth
    yield same("people left at the minute they left", [], sorted(wrong)[:5])
    yield same("silent feeds are said to be silent", _feeds(town), played.feeds)


def _departures(town: Town) -> dict[str, str]:
    """EVN-6 of the newest discharge of each visit, read from the wire by hand."""
    found: dict[str, str] = {}
    for send in town.sends:
        if send.label == "A03" and send.wire == "mllp":
            segments = {line[:3]: line.split("|") for line in send.body.decode("cp1252").split("\r") if line}
            at = datetime.strptime(segments["EVN"][6], "%Y%m%d%H%M")  # noqa: DTZ007  winter: London is UTC
            found[segments["PV1"][19].partition("^")[0]] = text(at)
    return found


def _feeds(town: Town) -> dict[str, str]:
    """What each partner's feed is at the end, from the sender's side."""
    in_scope: list[Send] = [send for send in town.sends if "ignored:out of scope" not in send.expect]
    last = {send.partner: send.at for send in in_scope}
    found = {}
    for name, partner in load_place("bromley").partners.items():
        fresh = name in last and END - last[name] <= timedelta(minutes=partner.silence_minutes)
        found[name] = "unknown" if name not in last else "heard" if fresh else "silent"
    return found


def _spell(played: Played, visit: str) -> Line:
    return next((line for line in played.view("spell") if line["visit_number"] == visit), {})
