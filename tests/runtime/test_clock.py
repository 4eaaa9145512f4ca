"""Clocks: one simulated time for all processes, moved by hand in tests."""

from __future__ import annotations

import asyncio
import time

import pytest

from runtime.clock import SECOND, FakeClock, SimulatedClock, SystemClock, anchor, clock_of, micros
from runtime.errors import Misconfigured


def test_no_setting_is_the_machine_s_clock() -> None:
    assert abs(clock_of("").now() - time.time_ns() // 1000) < SECOND
    assert isinstance(clock_of(""), SystemClock)


def test_processes_with_one_anchor_agree() -> None:
    one, other = (clock_of("2027-01-12T14:00:00Z@60", "1000.5") for _ in range(2))
    assert abs(one.now() - other.now()) < 60 * SECOND


def test_simulated_time_runs_at_its_speed_from_its_start() -> None:
    real = time.time_ns() // 1000
    clock = SimulatedClock(start=micros("2027-01-12T14:00:00Z"), speed=60.0, anchor=real - 10 * SECOND)
    assert 0 <= clock.now() - micros("2027-01-12T14:10:00Z") < 60 * SECOND


@pytest.mark.parametrize("spec", ["soon@60", "2027-01-12T14:00:00Z@fast", "2027-01-12T14:00:00Z@0", "@"])
def test_a_bad_clock_is_refused(spec: str) -> None:
    with pytest.raises(Misconfigured, match="HOMEWARD_CLOCK"):
        clock_of(spec)


def test_the_anchor_is_set_once_and_only_where_it_is_needed() -> None:
    simulated, staged, real = {"HOMEWARD_CLOCK": "2027-01-12@60"}, {"HOMEWARD_CLOCK": "file:x"}, {}
    for environment in (simulated, staged, real):
        anchor(environment)
    first = simulated["HOMEWARD_CLOCK_ANCHOR"]
    anchor(simulated)
    assert simulated["HOMEWARD_CLOCK_ANCHOR"] == first
    assert "HOMEWARD_CLOCK_ANCHOR" not in staged | real


def test_a_fake_clock_moves_only_by_hand() -> None:
    clock = FakeClock(at=5)
    clock.advance(2)
    asyncio.run(clock.sleep(3))
    assert (clock.now(), clock.slept) == (5 + 5 * SECOND, [3])


def test_a_time_without_a_zone_is_utc() -> None:
    assert micros("1970-01-01T00:00:01") == micros("1970-01-01T01:00:01+01:00") == SECOND
