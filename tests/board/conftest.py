"""Fixtures of the board: one Chromium a module, a board of many and one of few; the store's two databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.board import databases
from tests.board.chromium import browser, served
from tests.board.figures import with_figures
from tests.board.test_actions_page import with_actions
from tests.board.test_alerts_page import with_alerts
from tests.board.test_returns_page import laid_down
from tests.board.ward import Site, site_of


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all."""
    with browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """Five hundred people, a silent feed, a restricted person, one frozen."""
    site = site_of(500, tmp_path_factory.mktemp("audit") / "audit.jsonl")
    with served(site) as url:
        yield url, site


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[str, Site]]:
    """A dozen people, whose views a test changes, and alerts in every state."""
    site = with_actions(with_figures(with_alerts(site_of(12))))
    site.returns = laid_down(tmp_path / "returns")
    with served(site) as url:
        yield url, site


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """A PostgreSQL of the session's own, started when first asked for."""
    if why := databases.lack():
        pytest.skip(why)
    with databases.postgres() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'board.sqlite3'}"
    folder: Path = request.getfixturevalue("postgres_folder")
    return databases.make_database(folder, f"board_{uuid4().hex[:12]}")
