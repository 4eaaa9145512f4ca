"""Facts about who is who, settled in every order.
"""

from __future__ import annotations

from itertools import permutations

from streams.core.config import CoreConfig
from streams.core.state.network import Network
from tests.core.identity.histories import fact, persons

CARE = {"dob_tag": "d1", "number_rank": 3}


def care(ident, key, at=1, **fields):
    return fact(ident, "SpellAdmitted", key, at, thing=ident, **fields)


def link(ident, source, target, basis, at):
    return fact(ident, "PersonsLinked", source, at, local=source, target_key=target, basis=basis)


def decide(ident, one, other, word, at, survivor=None):
    """A decision is published under both keys."""
    return [
        fact(f"{ident}{a}", "MatchDecided", a, at, other_key=b, decision=word, survivor_key=survivor)
        for a, b in ((one, other), (other, one))
    ]


def settled(facts):
    network = Network()
    for item in facts:
        network.take([item])
        network.settle()
    return network


def in_every_order(facts, most=120):
    """Persons and candidates after each order; the orders must agree."""
    outcomes = []
    orders = list(permutations(facts))
    for order in orders[:: len(orders) // most + 1]:
        network = settled(order)
        outcomes.append((persons(network.states), list(network.views(CoreConfig()))))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    return outcomes[0]


def person_line(views, key):
    return next(
        line.decode()
        for view in views
        if view.person_key == key
        for line in view.lines
        if b'"view":"person"' in line
    )
