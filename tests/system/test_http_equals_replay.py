"""The HTTP export and `homeward replay` of the archive are the same bytes (design.md §9), on running processes."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.system.load import Town
from tests.system.place import SystemPlace
from tests.system.verdict import archived, compare, lost

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]


class TestHttpEqualsReplay:
    """Hospital, hub, council, charity and our own notices, live and offline."""

    def test_every_line_of_the_export(self, embedded_place: SystemPlace, town: Town) -> None:
        embedded_place.send(town.portion(500), per_second=150).finish(120)
        found, archive = compare(embedded_place)
        assert found.equal, str(found)
        assert lost(embedded_place, archive) == []
        views = Counter(json.loads(line)["view"] for line in found.live)
        print(f"{dict(views)}; archived {({p: len(m) for p, m in archived(embedded_place).items()})}")
        assert views["spell"] > 500
        assert views["transfer"] > 500
        assert views["quarantine"] >= 5
        told = [t for line in found.live if '"view":"transfer"' in line for t in json.loads(line)["told"]]
        assert len(told) > 20, "our own events are part of what is compared"
