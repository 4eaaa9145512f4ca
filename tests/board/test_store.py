"""The board's store, the same tests on SQLite and PostgreSQL: what comes back is what was there, with the
offsets it came from; what is gone is gone; one board writes.
"""

from __future__ import annotations

import random
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from board.follower import TOPICS
from board.projection import VERSIONS_FOR, VERSIONS_KEPT, Projection, Query
from board.store.changes import OF_KIND, Changes
from board.store.store import FORGETS_AFTER_S, MEMORY, Held, Store, url_of
from board.store.tables import BY_KEY, HOLDER
from runtime.errors import Misconfigured, Transient
from schemas.catalogue import TOPICS as BY_NAME
from tests.board.test_read_api import AT, HOUR, A, B, spell, transfer, view

Said = tuple[str, str, dict[str, Any] | None]
"""Kind, key, record."""


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store that is open."""
    url = url_of(store_url, Path())
    assert url is not None
    found = Store(url)
    found.open()
    found.clear("cluster-1")
    yield found
    found.close()


def again(store: Store) -> Projection:
    """What a board that starts now begins with."""
    other = Store(store.url)
    other.open()
    found, _ = other.load()
    other.close()
    store.open()
    return found


def take(store: Store, projection: Projection, said: Sequence[Said], at: int = 0) -> None:
    """One batch, of offsets from `at`."""
    changes = Changes()
    for offset, (kind, key, record) in enumerate(said, at):
        projection.apply(kind, key, record, offset)
        changes.took(projection, kind, key, record)
        changes.passed("views", 0, offset)
    store.write(changes, projection)


def known(projection: Projection) -> tuple[Any, ...]:
    """All of a projection but names."""
    return (
        projection.people, projection.alerts, projection.measures, projection.feeds, projection.quarantine,
        projection.actions, projection.complete_to, projection.progress,
    )  # fmt: skip


def said_at_random(dice: random.Random, count: int) -> list[Said]:
    """Records of a few keys, tombstones among them."""
    out: list[Said] = []
    for number in range(count):
        who, visit = dice.choice((A, B)), f"V{dice.randrange(3)}"
        stamp = AT + number * HOUR * dice.choice((1, 1, 1, 40))
        alert, measure = f"{who}/{visit}", f"beds|{visit}"
        action = f"RJZ30/{visit}"
        progress = {"partition": dice.randrange(2), "partitions": 2, "complete_to": stamp,
                    "written_at": stamp, "forwarded": dice.random() < 0.5}  # fmt: skip
        out.append(dice.choice([
            ("TransferView", who, view(who, [spell(who, visit), transfer(who, visit)], stamp)),
            ("TransferView", who, view(who, [transfer(who, visit)], stamp) | {"merged_into": B}),
            ("", who, None), ("", alert, None), ("", measure, None), ("", action, None),
            ("AlertView", alert, {"alert_id": visit, "person_key": who, "line": str(number)}),
            ("MeasureView", measure, {"measure": "beds", "subject": visit, "line": str(number)}),
            ("ActionView", action, {"action_id": visit, "site": "RJZ30", "state": "open"}),
            ("Quarantined", visit, {"quarantine_id": visit, "partner": "p", "number": number}),
            ("FeedHeard", visit, {"partner": visit, "heard_at": stamp}),
            ("FeedSilent", visit, {"partner": visit, "heard_at": None}),
            ("ViewProgress", "0", progress),
        ]))  # fmt: skip
    return out


@pytest.mark.parametrize("seed", range(4))
def test_what_is_loaded_is_what_was_known_at_every_cut(store: Store, seed: int) -> None:
    """Whatever came, however it was cut into batches; and the offsets are those of exactly that."""
    dice = random.Random(seed)
    said, projection, at = said_at_random(dice, 120), Projection(), 0
    while at < len(said):
        batch = said[at : at + dice.randrange(1, 25)]
        projection.complete_to = AT + at
        take(store, projection, batch, at)
        at += len(batch)
        found, held = store.load()
        assert known(found) == known(projection)
        assert held.offsets == {("views", 0): at}
        assert held.cluster == "cluster-1"


def test_every_record_that_the_board_reads_has_its_place_in_the_store() -> None:
    """What was added to the topics and not to the store would be missing after the next start."""
    apart = {"TransferView", "ViewProgress", "PersonIdentified"}
    kinds = {kind for topic in TOPICS for kind in BY_NAME[topic].kinds}
    assert {kind for kind in kinds if kind not in OF_KIND and not kind.startswith("Feed")} == apart
    assert {*OF_KIND.values(), "feeds"} == set(BY_KEY)


def test_a_board_begun_from_the_store_answers_as_the_one_that_stopped(store: Store) -> None:
    """Lines, filters and the past."""
    projection = Projection()
    later = view(A, [spell(A, "V1", "discharged", at="2027-01-12T15:00:00Z"), transfer(A, "V1")], AT + HOUR)
    take(store, projection, [
        ("TransferView", A, view(A, [spell(A, "V1"), transfer(A, "V1")])),
        ("TransferView", B, view(B, [spell(B, "V2", site="RJZ01"), transfer(B, "V2")])),
        ("TransferView", A, later),
    ])  # fmt: skip
    begun = again(store)
    for query in (Query(now=AT), Query(site="RJZ01", now=AT), Query(visit="V1", as_of=AT, now=AT)):
        for name in ("spell", "transfer"):
            assert list(begun.lines(name, query)) == list(projection.lines(name, query))
    assert list(begun.lines("spell", Query(visit="V1", as_of=AT))) == [spell(A, "V1")]


def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    projection = Projection()
    take(store, projection, [("TransferView", A, view(A, [spell(A, "V1")]))])
    before, held = store.load()
    broken: list[Said] = [
        ("TransferView", B, view(B, [spell(B, "V2")])),
        ("AlertView", "x", {"alert_id": "x", "line": object()}),
    ]
    with pytest.raises(TypeError):
        take(store, projection, broken, 1)
    after, still = store.load()
    assert (known(after), still.offsets) == (known(before), held.offsets)


def test_the_board_that_opened_it_last_writes(store: Store) -> None:
    """Two would put an old row beside a new offset: the earlier one is refused and changes nothing."""
    projection, second = Projection(), Store(store.url)
    second.open()
    with pytest.raises(Misconfigured, match="another board"):
        take(store, projection, [("TransferView", A, view(A, [spell(A, "V1")]))])
    assert second.load()[0].people == {}
    second.close()


def test_old_versions_leave_by_number_and_by_age(store: Store) -> None:
    """A store that lives for months does not hold a person's every word; the newest stays however old."""
    projection = Projection()
    many = [("TransferView", A, view(A, [spell(A, f"V{n}")], AT + n)) for n in range(VERSIONS_KEPT + 30)]
    take(store, projection, many)
    assert len(again(store).people[A]) == VERSIONS_KEPT
    late = AT + VERSIONS_FOR + HOUR
    take(store, projection, [("TransferView", A, view(A, [spell(A, "W")], late))], 1000)
    assert [version.received_through for version in again(store).people[A]] == [
        AT + VERSIONS_KEPT + 29, late
    ]  # fmt: skip


def test_a_store_of_another_layout_is_read_anew(store: Store) -> None:
    take(store, Projection(), [("TransferView", A, view(A, [spell(A, "V1")]))])
    assert store._engine is not None
    with store._engine.begin() as db:
        db.execute(HOLDER.update().values(layout=0))
    assert again(store).people == {}
    assert not store.load()[1].goes_on("cluster-1", 0)


def test_nobody_goes_on_from_another_cluster_or_after_tombstones_may_be_gone() -> None:
    held = Held("one", {("views", 0): 3}, 1000.0)
    assert held.goes_on("one", 1000.0 + FORGETS_AFTER_S - 1)
    assert not held.goes_on("one", 1000.0 + FORGETS_AFTER_S + 1)
    assert not held.goes_on("two", 1000.0)
    assert not Held("one", {}, 1000.0).goes_on("one", 1000.0)
    assert FORGETS_AFTER_S == (168 - 1) * 3600


def test_a_database_that_is_away_is_transient_and_says_nothing_of_its_rows(tmp_path: Path) -> None:
    url = url_of(f"postgresql://nobody@/none?host={tmp_path}", tmp_path)
    assert url is not None
    with pytest.raises(Transient, match=r"^the board's store: OperationalError$"):
        Store(url).open()


def test_where_the_store_is_and_what_is_no_url(tmp_path: Path) -> None:
    assert url_of(MEMORY, tmp_path) is None
    assert str(url_of("", tmp_path)) == f"sqlite:///{tmp_path}/board.sqlite3"
    assert str(url_of("postgresql://h/n", tmp_path)) == "postgresql+psycopg://h/n"
    for wrong in ("postgresql://u:word@h/n", "mysql://h/n", "nothing", "sqlite://"):
        with pytest.raises(Misconfigured) as refused:
            url_of(wrong, tmp_path)
        assert "word" not in str(refused.value).replace("password", "")


def test_the_file_is_its_owners_alone_and_holds_no_name_and_nobody_erased(tmp_path: Path) -> None:
    """Names are read anew by each process; what a tombstone takes away is overwritten, not only unlinked."""
    url = url_of("", tmp_path)
    assert url is not None
    store, projection = Store(url), Projection()
    store.open()
    said = {"partner": "pruh-adt", "person_key": A, "family": "Marlow", "given": "Edith", "ids": [],
            "recorded_at": AT, "number_rank": 1}  # fmt: skip
    take(store, projection, [
        ("PersonIdentified", A, said), ("TransferView", A, view(A, [spell(A, "VISIT-OF-A")])),
    ])  # fmt: skip
    files = [path for path in tmp_path.iterdir() if path.name.startswith("board.sqlite3")]
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert b"VISIT-OF-A" in b"".join(path.read_bytes() for path in files)
    assert b"Marlow" not in b"".join(path.read_bytes() for path in files)
    take(store, projection, [("", A, None)], 2)
    store.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert left
    assert b"VISIT-OF-A" not in left
    assert A.encode() not in left
