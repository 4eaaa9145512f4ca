"""Full files in any order of arrival: what stands at any time is what the newest file by as_at says
(design.md §7).
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.file_history import GONE, HERE, Change, History, diff
from connectors.snapshot import FileSnapshot, Row
from tests.oracles.full_file_oracle import File, said_at

KEYS, FIELDS = ("a", "b"), ("x", "y")


def snapshot(file: File) -> FileSnapshot:
    """The file as our reader would have read it."""
    rows = {key: Row(f"k={key}", key, dict(values), 2) for key, values in file.rows.items()}
    digest = f"{file.as_at:064x}"
    return FileSnapshot("p", file.as_at, digest, rows, unread=file.unreadable, complete=file.complete)


def arrive(files: list[File], limit: int = 48) -> list[Change]:
    """All changes of files in this order of arrival."""
    history, changes = History(limit=limit), []
    for file in files:
        history, more = history.add(snapshot(file))
        changes += more
    return changes


def reading(changes: list[Change], at: int) -> dict[str, dict[str, Any]]:
    """The newest change of each row and field at or before a time, as the fold takes it."""
    newest: dict[tuple[str, str], tuple[int, Any]] = {}
    standing: dict[str, tuple[int, bool]] = {}
    for change in changes:
        when, key = change.file.as_at, change.row.ref
        if when > at:
            continue
        if change.tokens & {HERE, GONE}:
            standing[key] = max(standing.get(key, (-1, False)), (when, HERE in change.tokens))
        for name in change.tokens - {HERE, GONE}:
            value = change.row.values.get(name)
            if newest.get((key, name), (-1, None))[0] <= when:
                newest[key, name] = (when, value)
    return {
        key: {name: value for (k, name), (_, value) in newest.items() if k == key and value is not None}
        for key, (_, there) in standing.items() if there
    }


rows = st.dictionaries(st.sampled_from(FIELDS), st.integers(1, 3), max_size=2)
contents = st.tuples(
    st.dictionaries(st.sampled_from(KEYS), rows, max_size=2),
    st.frozensets(st.sampled_from(KEYS), max_size=1),
    st.integers(0, 4).map(bool),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[File], list[File]]:
    """Files in their own order, and the same files in an order of arrival."""
    made = draw(st.lists(contents, min_size=1, max_size=5))
    files = [
        File(10 * (n + 1), {k: v for k, v in body.items() if k not in unread}, unread, complete)
        for n, (body, unread, complete) in enumerate(made)
    ]
    return files, draw(st.permutations(files))


def readable(file: File) -> File:
    """The file without rows nobody could read."""
    return file._replace(unreadable=frozenset(), complete=True)


class TestAnyOrder:
    """The invariant of `History.add`."""

    @settings(max_examples=400, deadline=None)
    @given(histories())
    def test_every_reading_at_every_time_is_the_newest_files(
        self, made: tuple[list[File], list[File]]
    ) -> None:
        """Not only now: the reading as at any earlier time is right as well."""
        files, arrived = made
        changes = arrive(arrived)
        for file in files:
            assert reading(changes, file.as_at) == said_at(files, file.as_at)

    @settings(max_examples=200, deadline=None)
    @given(histories(), st.integers(1, 3))
    def test_a_bounded_history_still_reads_right_now(
        self, made: tuple[list[File], list[File]], limit: int
    ) -> None:
        """Files that are forgotten may be said again, never contradicted.

        Rows that could not be read need the files before; so does a cell emptied while its row was away.
        """
        files, arrived = (list(map(readable, files)) for files in made)
        changes = arrive(arrived, limit)
        newest = files[-1]
        now, wanted = reading(changes, newest.as_at), said_at(files, newest.as_at)
        assert now.keys() == wanted.keys()
        for key, values in wanted.items():
            assert now[key].items() >= values.items()
            if all(key in file.rows for file in files):
                assert now[key] == values

    @settings(max_examples=100, deadline=None)
    @given(histories())
    def test_the_same_file_again_says_nothing(self, made: tuple[list[File], list[File]]) -> None:
        """A re-sent file is no news wherever it stands."""
        files, arrived = made
        history = History()
        for file in arrived:
            history, _ = history.add(snapshot(file))
        for file in files:
            history, changes = history.add(snapshot(file))
            assert changes == ()

    @settings(max_examples=100, deadline=None)
    @given(histories())
    def test_in_order_nothing_is_said_twice(self, made: tuple[list[File], list[File]]) -> None:
        """Files that come in their order speak for themselves alone."""
        files, _ = made
        history = History()
        for file in files:
            history, changes = history.add(snapshot(file))
            assert all(change.file.as_at == file.as_at for change in changes)

    def test_three_files_in_all_six_orders(self) -> None:
        """1, 2, 1: the third file must say its 1 again when the second comes last."""
        files = [File(t, {"a": {"x": x}}) for t, x in ((1, 1), (2, 2), (3, 1))]
        for order in permutations(files):
            changes = arrive(list(order))
            assert [reading(changes, t)["a"]["x"] for t in (1, 2, 3)] == [1, 2, 1]


class TestDiff:
    """One file between its two neighbours."""

    before = snapshot(File(1, {"a": {"x": 1, "y": 1}, "b": {"x": 1}}))
    late = snapshot(File(2, {"a": {"x": 2}, "c": {}}))
    after = snapshot(File(3, {"a": {"x": 1, "y": 1}, "b": {"x": 1}}))

    def told(self, changes: tuple[Change, ...]) -> set[tuple[int, str, frozenset[str]]]:
        return {(change.file.as_at, change.row.ref, change.tokens) for change in changes}

    def test_against_the_one_before(self) -> None:
        """Changed, deleted, gone and new; what stayed is not named."""
        assert self.told(diff(self.before, self.late, None)) == {
            (2, "a", frozenset({"x", "y"})), (2, "b", frozenset({GONE})), (2, "c", frozenset({HERE})),
        }

    def test_a_late_file_is_held_against_both(self) -> None:
        """The later file's rows are said again where the late one would otherwise win."""
        both, one = diff(self.before, self.late, self.after), diff(self.before, self.late, None)
        assert self.told(both) - self.told(one) == {
            (3, "a", frozenset({"x", "y"})), (3, "b", frozenset({HERE, "x"})), (3, "c", frozenset({GONE})),
        }

    def test_a_row_that_could_not_be_read_is_neither_changed_nor_gone(self) -> None:
        """Its refusal is all there is to say; the file after it is held against the one before it."""
        unread = snapshot(File(2, {"b": {"x": 1}}, frozenset({"a"})))
        assert diff(self.before, unread, None) == ()
        history, _ = History().add(self.before)
        history, _ = history.add(unread)
        _, changes = history.add(snapshot(File(3, {"a": {"x": 1, "y": 5}, "b": {"x": 1}})))
        assert [(change.row.ref, change.tokens) for change in changes] == [("a", frozenset({"y"}))]
