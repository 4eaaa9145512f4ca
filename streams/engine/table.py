"""A Faust table that has a changelog and nothing else: Faust creates, assigns and recovers the topic; folds
hold the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from faust.stores.base import Store
from faust.tables.table import Table
from faust.types import TP


class NoStore(Store):  # type: ignore[misc]  # Faust has no types
    """The store Faust asks for. Every read and write is refused: state is a fold's, and never served from
    here.
    """

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("state is written and read by folds only")

    __getitem__ = __setitem__ = __delitem__ = _refuse
    apply_changelog_batch = _refuse

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def persisted_offset(self, tp: TP) -> None:
        """None: a changelog is always read from its start."""

    def clear(self) -> None:
        """Nothing to clear."""

    _clear = clear

    def reset_state(self) -> None:
        """Nothing on disk."""

    async def backup_partition(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to back up."""

    def restore_backup(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to restore."""


class ChangelogTable(Table):  # type: ignore[misc]  # Faust has no types
    """The registration of a changelog topic with Faust's assignor and recovery."""

    def __init__(self, app: Any, *, name: str, partitions: int, config: dict[str, Any]) -> None:
        raw = {"key_type": bytes, "value_type": bytes}
        super().__init__(app, name=name, partitions=partitions, extra_topic_configs=config, **raw)

    def _new_store(self) -> NoStore:
        return NoStore("memory://", self.app, self, table_name=self.name)

    def apply_changelog_batch(self, batch: list[Any]) -> None:
        """Faust flushes its own, always empty, buffers before a recovery."""
        if batch:
            raise TypeError("a changelog record took Faust's own path")
