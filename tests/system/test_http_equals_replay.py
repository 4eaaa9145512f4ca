"""The HTTP export and `homeward replay` of the archive are the same bytes (design.md §9), on processes."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.system.load import Town
from tests.system.place import SystemPlace
from tests.system.verdict import compare, lost, replay

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system"), pytest.mark.timeout(600)]


class TestHttpEqualsReplay:
    """Hospital, hub, council, charity and our own notices, live and offline."""

    def test_every_line_of_the_export(self, loaded: SystemPlace, loaded_town: Town) -> None:
        loaded.send(loaded_town.portion(300), per_second=150).finish(120)
        found, archive = compare(loaded)
        assert found.equal, str(found)
        assert lost(loaded, archive) == []
        views = Counter(json.loads(line)["view"] for line in found.live)
        print(f"{dict(views)}; archived {({p: len(m) for p, m in archive.items()})}")
        assert views["spell"] > 150
        assert views["transfer"] > 150
        assert views["quarantine"] >= 5
        assert views["alert"] > 5
        told = [t for line in found.live if '"view":"transfer"' in line for t in json.loads(line)["told"]]
        assert len(told) > 5, "our own events are part of what is compared"
        admission = next(m for m in archive["pruh-adt"] if b"ADT^A01" in m.body and b"|P|" in m.body)
        without = archive | {"pruh-adt": [m for m in archive["pruh-adt"] if m.body != admission.body]}
        assert lost(loaded, without), "one message missing is noticed"
        assert set(replay(loaded, without)) != found.live
