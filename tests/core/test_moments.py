"""Times of lines, against the standard library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.moments import utc_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_written_to_the_second(moment: datetime) -> None:
    micros = (moment - EPOCH) // timedelta(microseconds=1)
    assert utc_text(micros) == f"{moment.replace(tzinfo=None, microsecond=0).isoformat()}Z"


@pytest.mark.parametrize("at", [None, 2**63 - 1, -(2**63), 253_402_300_800_000_000])
def test_no_time_and_no_such_year_is_none(at: int | None) -> None:
    assert utc_text(at) is None
