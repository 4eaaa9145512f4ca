"""Compares the ledger of the truth with what the place shows. Every check says what was expected and what
was seen.

In: ledger, sender's log, evidence of the topics, lines of the API, counters. Out: `Check`s; one that is not
ok fails the demo. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.demo.evidence import Evidence

Line = Mapping[str, Any]
HOSPITAL = "pruh-adt"
WIRE_ANSWERS = {"AA", "CA", "200", "202"}


@dataclass(frozen=True)
class Check:
    """One named comparison."""

    name: str
    ok: bool
    expected: str
    seen: str


def same(name: str, expected: object, seen: object) -> Check:
    """A check that two things are equal."""
    return Check(name, expected == seen, str(expected), str(seen))


@dataclass(frozen=True)
class Shown:
    """The board's lines, indexed by what the partners call things."""

    visit_person: Mapping[str, str]
    visit_line: Mapping[str, Line]
    package_person: Mapping[str, str]
    support_person: Mapping[str, str]
    told: Mapping[str, Sequence[Line]]
    """Spell id -> told entries."""


def index(spells: Iterable[Line], transfers: Iterable[Line]) -> Shown:
    """Index spell and transfer lines."""
    spells, transfers = list(spells), list(transfers)
    packages = {p["ref"]: t["person_key"] for t in transfers for p in t["packages"]}
    supports = {s["ref"]: t["person_key"] for t in transfers for s in t["support"]}
    told: dict[str, list[Line]] = defaultdict(list)
    for transfer in transfers:
        for entry in transfer["told"]:
            told[transfer["spell_id"]].append(entry)
    return Shown(
        {s["visit_number"]: s["person_key"] for s in spells},
        {s["visit_number"]: s for s in spells},
        packages,
        supports,
        told,
    )


def nothing_lost(ledger: Any, sender: Sequence[Line], evidence: Evidence) -> list[Check]:
    """Every in-scope message acked in the sender's log has its bytes in the archive and its end: events
    in a view, or quarantine with the reason.
    """
    acked = {row["sha256"] for row in sender if row["answer"] in WIRE_ANSWERS and row["partner"] == HOSPITAL}
    expect = {s["sha256"]: s["expect"] for s in ledger.sends if s["partner"] == HOSPITAL}
    in_scope = {d for d in acked if "ignored:out of scope" not in expect.get(d, {})}
    missing = in_scope - evidence.archived[HOSPITAL]
    stored_out_of_scope = (acked - in_scope) & evidence.archived[HOSPITAL]
    no_end = [d for d in in_scope if not _ended(expect.get(d, {}), d, evidence)]
    return [
        Check(
            "more than 2,000 HL7 messages acked", len(in_scope) > 2000, "> 2000 in scope", str(len(in_scope))
        ),
        same("acked in scope, not in the archive", 0, len(missing)),
        same("out of scope, yet in the archive", 0, len(stored_out_of_scope)),
        same("in scope, without an end (view, quarantine, no-change)", 0, len(no_end)),
        same("out-of-scope words in any topic", {}, evidence.words_found),
        same("events made by re-queued messages", 0, _events_of(ledger, evidence, "re-queue")),
        same("messages out of scope", 1000, len(acked - in_scope)),
    ]


def _events_of(ledger: Any, evidence: Evidence, label: str) -> int:
    """Messages of a label that made events of their own."""
    return sum(1 for s in ledger.sends if s["label"] == label and evidence.event_keys.get(s["sha256"]))


def nothing_about_the_past(evidence: Evidence, connected_us: int) -> Check:
    """Day one: nobody is told of what happened before the place was connected."""
    old = [n for n in evidence.notices.values() if n["occurred_at"] < connected_us]
    return Check(
        "notices about the time before day one", not old, "0", f"{len(old)} of {len(evidence.notices)}"
    )


def action_logged(evidence: Evidence) -> Check:
    """F12: what was agreed at the bed meeting is in the log, open, once."""
    seen = [(one["state"], one["what"], one["owner"]) for one in evidence.actions.values()]
    return same("F12 an action is logged", [("open", "ring_community", "bromley-healthcare")], seen)


def _ended(expect: Mapping[str, int], digest: str, evidence: Evidence) -> bool:
    if "accepted" in expect:
        return bool(evidence.event_keys.get(digest, set()) & evidence.viewed)
    for outcome in expect:
        kind, _, cause = outcome.partition(":")
        if kind == "quarantined":
            return cause in evidence.quarantined.get(digest, set())
        # A duplicate made no event of its own, unless its bytes are those of the accepted original.
        return kind in ("duplicate", "ignored")
    return False


def counts(ledger: Any, counted: Mapping[str, Mapping[str, int]]) -> list[Check]:
    """Counts per partner and cause equal the ledger's."""
    return [same(f"counts of {p}", dict(sorted(expected.items())), dict(sorted(counted.get(p, {}).items())))
            for p, expected in sorted(ledger.expected.items())]  # fmt: skip


def joins(ledger: Any, shown: Shown) -> tuple[list[Check], dict[str, Any]]:
    """Who is together that belongs together, and nobody else."""
    owners: dict[str, set[int]] = defaultdict(set)
    missed, whole, linked = [], 0, 0
    for person in ledger.people:
        keys = {
            shown.visit_person.get(person["visit"]) if person["visit"] else "",
            shown.package_person.get(person["package"]) if person["package"] else "",
            shown.support_person.get(person["support"]) if person["support"] else "",
        } - {""}
        for key in keys - {None}:
            owners[str(key)].add(person["pid"])
        if len(keys) != 1 or None in keys:
            missed.append(person["pid"])
        elif len(person["sectors"]) >= 3:
            whole += 1
            linked += person["route"] != "number"
    false = [sorted(pids) for pids in owners.values() if len(pids) > 1]
    near = sum(1 for p in ledger.people if p["near_miss"])
    checks = [
        same("false joins", [], false),
        same("missed joins", [], missed),
        Check("people with facts of three sectors", whole >= 150, ">= 150", str(whole)),
        Check("of them only through a link or a decision", linked >= 40, ">= 40", str(linked)),
        Check("near misses in the ledger", near >= 60, ">= 60", str(near)),
    ]
    return checks, {"persons_joined_across_sectors": whole, "joined_by_link_or_decision": linked,
                    "false_joins": len(false), "missed_joins": len(missed)}  # fmt: skip


def census(ledger: Any, shown: Shown) -> list[Check]:
    """Census = view for every bed."""
    seen = {}
    for visit, line in shown.visit_line.items():
        if line["status"] == "admitted":
            place = line["location"] or {}
            seen[visit] = "^".join(place.get(part) or "" for part in ("poc", "room", "bed"))
    wrong = {v for v in ledger.beds.keys() | seen.keys() if ledger.beds.get(v) != seen.get(v)}
    day_one = [v for v in ledger.day_one if v not in shown.visit_line]
    return [
        Check("census equals view for every bed", not wrong, f"{len(ledger.beds)} beds",
        f"{len(wrong)} differ: {sorted(wrong, key=str)[:5]}"),
        same("in bed on day one, without a spell", [], day_one[:5]),
    ]  # fmt: skip


def told_once(ledger: Any, shown: Shown, inbox: Sequence[Line]) -> list[Check]:
    """Who is told of every discharge was told of each, of none that was never announced, and never twice."""
    ids = [row["notice_id"] for row in inbox]
    visits = {line["spell_id"]: visit for visit, line in shown.visit_line.items()}
    told: dict[str, set[str]] = defaultdict(set)
    for row in inbox:
        if not row["retracts"]:
            told[row["recipient"]].add(visits.get(row["about"]) or "no visit of the hospital's")
    wanted = {recipient for recipients in ledger.told.values() for recipient in recipients}
    wrong = [
        visit
        for recipient in sorted(wanted)
        for visit in sorted(
            _wrong(told[recipient], {v for v, n in ledger.told.items() if recipient in n}, ledger)
        )
    ]
    return [
        same("notices delivered twice", 0, len(ids) - len(set(ids))),
        same("discharges announced, yet not told, or the reverse", [], wrong[:5]),
    ]


def _wrong(told: set[str], wanted: set[str], ledger: Any) -> set[str]:
    """Visits that had to be told of and were not, or were told of and never announced."""
    return (wanted - told) | (told - wanted - set(ledger.taken_back))
