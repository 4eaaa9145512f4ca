"""A worker's folder belongs to one cluster (design.md §3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import Misconfigured
from streams.worker import bind


def test_the_folder_of_another_cluster_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "worker"
    bind(folder, "here")
    bind(folder, "here")
    with pytest.raises(Misconfigured, match="belongs to cluster here, KAFKA_BOOTSTRAP leads to there"):
        bind(folder, "there")
    bind(folder, "here")


def test_a_cluster_of_an_hour_leaves_no_note(tmp_path: Path) -> None:
    bind(tmp_path, "aG9tZXdhcmQhMTIzNDU2Nw")
    bind(tmp_path, "homeward-embedded")
    bind(tmp_path, "here")
