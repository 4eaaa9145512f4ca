"""Mutants of privacy: who is shown what of whom."""

from __future__ import annotations

from typing import Any

from connectors import pipeline, scope
from connectors.partners.hl7_adt import people, translate
from runtime import disclosure, masking, relationship
from streams.core import reduce
from streams.core.identity import restriction
from streams.core.state import erasure
from streams.core.transfer import told
from streams.core.views import view
from tests.scenarios.broken.registry import Patch, mutant


@mutant("the restricted are shown to everybody")
def restricted_shown(patch: Patch) -> None:
    real = masking._kept
    patch.setattr(
        masking, "_kept", lambda row, held, guard: real(row, held, guard._replace(restricted=False))
    )


@mutant("the hidden are shown where they are")
def hidden_shown(patch: Patch) -> None:
    real = masking._kept
    patch.setattr(
        masking, "_kept", lambda row, held, guard: real(row, held, guard._replace(location_hidden=False))
    )


@mutant("withheld looks unknown")
def withheld_unknown(patch: Patch) -> None:
    real = masking._withhold
    patch.setattr(masking, "_withhold", lambda row, tree, before, _: real(row, tree, before, []))


@mutant("a role sees the whole line")
def whole_line(patch: Patch) -> None:
    whole = dict.fromkeys(("person", "spell", "transfer"), disclosure.EVERYTHING)
    patch.setattr(masking, "BY_ROLE", dict.fromkeys(disclosure.BY_ROLE, whole))


@mutant("an objection holds nothing")
def objection_holds_nothing(patch: Patch) -> None:
    patch.setattr(reduce, "objects", lambda flags: False)
    patch.setattr(masking, "HELD_BY_OBJECTION", frozenset())


@mutant("an objection holds from everybody")
def objection_holds_all(patch: Patch) -> None:
    patch.setattr(told, "HELD_FROM", frozenset({"voluntary", "package", "council", ""}))
    patch.setattr(masking, "HELD_BY_OBJECTION", frozenset(disclosure.BY_ROLE))


@mutant("refused consent is shown to charities")
def refused_shown(patch: Patch) -> None:
    real = relationship._voluntary

    def voluntary(of: Any, reader: Any) -> Any:
        return real(of._replace(support=[dict(one, consent="given") for one in of.support]), reader)

    patch.setitem(relationship._BY_ROLE, "voluntary", voluntary)


@mutant("no fixed abode is nothing")
def no_abode(patch: Patch) -> None:
    patch.setattr(people, "_NO_FIXED_ABODE", "")


@mutant("children among adults")
def children_among_adults(patch: Patch) -> None:
    patch.setattr(scope, "of_age", lambda *_: True)


@mutant("children by webhook")
def children_by_webhook(patch: Patch) -> None:
    patch.setattr(pipeline, "within_age", lambda translation, _: translation)


@mutant("erasure ignored")
def erasure_ignored(patch: Patch) -> None:
    patch.setattr(view, "cuts_of", lambda facts, own, cuts: {})


@mutant("erasure forgets who was told")
def erasure_untold(patch: Patch) -> None:
    patch.setattr(erasure, "newest_told", lambda known: [])


@mutant("a deletion lifts restrictions")
def deletion_lifts(patch: Patch) -> None:
    real = translate._about_one

    def about_one(context: Any) -> Any:
        drafts, nothing = real(context)
        if context.trigger == translate.FORGET:
            free = {"restricted": False, "location_hidden": False}
            drafts = [*drafts, context.draft("PersonFlagged", "PID", drafts[0].subject, free)]
        return drafts, nothing

    patch.setattr(translate, "_about_one", about_one)


@mutant("nobody can clear a restriction")
def never_cleared(patch: Patch) -> None:
    patch.setattr(restriction, "CLEARED_BY_HUMAN", "never")
