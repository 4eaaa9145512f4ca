"""Partners' times to UTC: shapes, zones, the two clock changes, precision; dates of birth are dates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import times
from connectors.message import Refusal
from schemas.reasons import Reason

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "python-hl7" / "datetimes.json"


def utc(us: int) -> str:
    return datetime.fromtimestamp(us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("text", "instant", "precision", "flags"),
    [
        ("201010211735", "2010-10-21T16:35:00Z", "minute", ()),
        ("20110121173500", "2011-01-21T17:35:00Z", "second", ()),
        ("20110121173500+0000", "2011-01-21T17:35:00Z", "second", ()),
        ("20110613122406637", "2011-06-13T11:24:06Z", "second", ()),
        ("21/10/2010 17:35", "2010-10-21T16:35:00Z", "minute", ()),
        ("2010-10-21T17:35:00Z", "2010-10-21T17:35:00Z", "second", ()),
        ("2010-10-21 17:35", "2010-10-21T16:35:00Z", "minute", ()),
        ("20260703", "2026-07-02T23:00:00Z", "day", ("imprecise",)),
        ("202607", "2026-06-30T23:00:00Z", "month", ("imprecise",)),
        ("202610250130", "2026-10-25T00:30:00Z", "minute", ("ambiguous",)),
        ("202610250130+0000", "2026-10-25T01:30:00Z", "minute", ()),
        ("202610250059", "2026-10-24T23:59:00Z", "minute", ()),
        ("202610250200", "2026-10-25T02:00:00Z", "minute", ()),
        ("202603290130", "2026-03-29T01:30:00Z", "minute", ("nonexistent",)),
        ("202603290059", "2026-03-29T00:59:00Z", "minute", ()),
        ("202603290200", "2026-03-29T01:00:00Z", "minute", ()),
    ],
)
def test_a_text_is_one_instant_with_its_doubts(
    text: str, instant: str, precision: str, flags: tuple[str, ...]
) -> None:
    """Zoneless is Europe/London; the repeated hour takes the earlier instant."""
    read = times.moment(text)
    assert read is not None
    assert (utc(read.us), read.precision, read.flags) == (instant, precision, flags)


@pytest.mark.parametrize(
    "text", ["", "20101301", "20100230", "2010102125", "Aug 15, 1942", "99991231235960", "2012010219dd"]
)
def test_what_is_no_time_is_none_and_refused_where_it_is_needed(text: str) -> None:
    """Month 13, 30 February, hour 25, words."""
    assert times.moment(text) is None
    with pytest.raises(Refusal) as caught:
        times.required(text, "EVN-6")
    assert (caught.value.reason, caught.value.where) == (Reason.BAD_DATE, "EVN-6")


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("19401213", "1940-12-13"), ("194012130030", "1940-12-13"), ("13/12/1940", "1940-12-13"),
        ("1940-12-13T23:30:00-05:00", "1940-12-13"), ("19400704", "1940-07-04"),
        ("196513121515", None), ("10131113", None), ("1940", None), ("19400230", None), ("", None),
    ],
)  # fmt: skip
def test_a_date_of_birth_is_a_date(text: str, born: str | None) -> None:
    """Neither a time nor a zone moves it; what is no day of a living person is dropped."""
    assert times.birth_date(text) == born


@pytest.mark.skipif(
    not CORPUS.is_file(), reason="NOT RUN: no shared/corpora/python-hl7 beside the repository"
)
def test_the_published_date_times() -> None:
    """python-hl7's pairs; those without an offset are London time here."""
    cases = json.loads(CORPUS.read_text(encoding="utf-8"))["cases"]
    assert len(cases) == 10
    for case in cases:
        read, want = times.moment(case["text"]), datetime.fromisoformat(case["iso"])
        assert read is not None
        local = want if want.tzinfo else want.replace(tzinfo=times.zone("Europe/London"))
        assert read.us == times.microseconds(local), case
