"""Generated identity histories, and a network whose channels are as bad as wanted."""

from __future__ import annotations

import random
from collections import defaultdict, deque

from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.identity import messages
from streams.core.identity.exchange import exchange
from streams.core.identity.matching import INTERNAL
from streams.core.state.person import PersonState

NUMBERS = ("N1", "N2", "N3")
LOCALS = ("x", "y", "z")
KEYS = NUMBERS + LOCALS
VISITS = ("v1", "v2")
KINDS = {"care": "SpellAdmitted", "flag": "PersonFlagged", "tag": "PersonTagged"}


def fact(ident, kind, key, at, **fields):
    """A fact of any kind at minute `at`; fields of the envelope by name, the rest is the body."""
    envelope = {
        name: fields.pop(name)
        for name in ("local", "dob_tag", "number_rank", "tag", "revision", "partner", "flags")
        if name in fields
    }
    return Fact(
        id=ident,
        kind=kind,
        key=key,
        thing=fields.pop("thing", "person"),
        occurred_at=at,
        recorded_at=at,
        received_at=at,
        **{"partner": "p", "local": None, **envelope},
        body=fields,
    )


@st.composite
def histories(draw, most=9):
    """A few facts of care, links, decisions and flags over six keys, with ties in time."""
    out = []
    for i in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, 4))
        kinds = ("care", "care", "care", "link", "link", "link", "match", "flag", "tag", "move")
        what = draw(st.sampled_from(kinds))
        if what == "move":
            out += _moves(draw, i, at)
        elif what in ("care", "flag", "tag"):
            local = draw(st.sampled_from((None, *LOCALS)))
            key = draw(st.sampled_from(NUMBERS)) if local is None or draw(st.booleans()) else local
            dob, rank = draw(st.sampled_from((None, "d1", "d1", "d2"))), draw(st.sampled_from((2, 3)))
            body = {"restricted": draw(st.booleans())} if what == "flag" else {}
            if what == "tag":
                body = {
                    "match_tags": [draw(st.sampled_from(("t", "u")))],
                    "unverified_number_key": draw(st.sampled_from((None, "N3"))),
                }
            thing = draw(st.sampled_from(VISITS)) if what == "care" else "person"
            envelope = {"local": local, "dob_tag": dob, "number_rank": rank, "thing": thing}
            out.append(fact(f"e{i}", KINDS[what], key, at, **envelope, **body))
        elif what == "link":
            basis = draw(st.sampled_from(("number", "number", "merge", "merge", "superseded", "unlink")))
            target = draw(st.sampled_from(NUMBERS if basis == "number" else KEYS))
            if basis == "unlink" and draw(st.booleans()):
                target = None  # no merge of this record stands, not only the one with that other
            source = draw(st.sampled_from(LOCALS if basis == "number" else KEYS))
            out.append(
                fact(
                    f"l{i}",
                    "PersonsLinked",
                    source,
                    at,
                    local=source,
                    target_key=target,
                    basis=basis,
                    dob_tag=draw(st.sampled_from((None, "d1", "d2"))),
                    number_rank=draw(st.sampled_from((2, 3))),
                )
            )
        else:
            a, b = draw(st.permutations(KEYS))[:2]
            word = draw(st.sampled_from(("same", "not_same", "not_same", "unsure", None)))
            survivor = draw(st.sampled_from((a, b)))
            for one, other in ((a, b), (b, a)):
                body = (
                    {"other_key": other, "decision": word, "survivor_key": survivor}
                    if word
                    else {"other_key": other}
                )
                out.append(fact(f"m{i}{one}", "MatchDecided" if word else "MatchUndone", one, at, **body))
    return out


def _moves(draw, i, at):
    """A visit moved from one record to another, told to both."""
    visit, (source, target) = draw(st.sampled_from(VISITS)), draw(st.permutations(KEYS))[:2]
    return [
        fact(f"v{i}{end}", "SpellReassigned", end, at, thing=visit, source_key=source, target_key=target,
             local=end if end in LOCALS else None)
        for end in (source, target)
    ]


def play(facts, rnd, fifo=True, duplicates=0.2, eager=True):
    """Deliver facts and messages in a random order until nobody owes anything; gives the states by key."""
    states, pool, channels, dirty, steps = {}, list(facts), defaultdict(deque), {}, 0
    rnd.shuffle(pool)
    while pool or dirty or any(channels.values()):
        steps += 1
        assert steps < 20_000, "does not come to rest"
        busy = [channel for channel, queue in channels.items() if queue]
        if dirty and (eager or rnd.random() < 0.3 or not (pool or busy)):
            key = rnd.choice(list(dirty))
            del dirty[key]
            for to, message in exchange(states[key]):
                channels[key, to].append(messages.encode(message))
            continue
        if pool and (not busy or rnd.random() < 0.5):
            to, item = pool[-1].key, pool.pop()
        elif busy:
            channel = rnd.choice(busy)
            queue = channels[channel]
            at = 0 if fifo else rnd.randrange(len(queue))
            to, item = channel[1], messages.decode(queue[at])
            del queue[at]
        else:
            continue
        for _ in range(2 if rnd.random() < duplicates else 1):
            state = states.setdefault(to, PersonState(to))
            if state.take(item) if isinstance(item, Fact) else state.receive(item):
                dirty[to] = None
    return states


def persons(states):
    """Survivor -> ids of the facts it holds, as the states see it."""
    out = {}
    for key, state in states.items():
        routes = state.map()
        if routes.root(key) != key:
            continue
        held = {
            f.id
            for s in state.streams.values()
            if routes.way(s.id, key).path is not None
            for f in s.journal
            if f.kind not in INTERNAL
        }
        if held:
            out[key] = frozenset(held)
    return out


def shuffled(facts, seed):
    """The same facts in another order."""
    out = list(facts)
    random.Random(seed).shuffle(out)
    return out
