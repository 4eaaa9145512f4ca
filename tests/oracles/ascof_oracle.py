"""ASCOF 2D day by day, from the text of the rule (domain 03 §3.6): colour the days of reablement, ask every
discharge about every day.
"""

from __future__ import annotations

from datetime import date, timedelta

FIRST, DAYS = date(2024, 12, 1), 500
OUT_METHODS = {"31", "32", "82", "83"}
OUT_ENDS = {"4", "5"}
OUT_PLACES = {"49", "50", "51", "52", "79", "87", "88"}
OUT_SPECIALTIES = {
    "199", "223", "290", "291", "331", "344", "345", "346", "424", "499", "501", "504", "560", "660",
    "661", "662", "840", "920", *(f"65{n}" for n in range(10)), *(str(n) for n in range(700, 800)),
}


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def reablement_days(events: list[tuple[date, date | None]]) -> list[date]:
    """First days of clusters: a day of reablement with no such day in the week before."""
    coloured = [any(start <= day(n) and (end is None or day(n) <= end) for start, end in events)
                for n in range(DAYS)]
    return [
        day(n) for n in range(DAYS)
        if coloured[n] and not any(coloured[max(0, n - 7):n])
    ]


def follows(
    born: date,
    died: date | None,
    spells: list[tuple[date, date, str, str, str, str]],
    events: list[tuple[date, date | None]],
    settled: list[tuple[str, date, date | None]],
) -> list[tuple[date, date, frozenset[str]]]:
    """(cluster start, discharge, what went wrong)."""
    out = []
    for start in reablement_days(events):
        linked = []
        for spell in spells:
            admitted, left, how, end, to, specialty = spell
            sixty_five = date(born.year + 65, born.month, born.day)
            if left < sixty_five or how in OUT_METHODS or end in OUT_ENDS or to in OUT_PLACES:
                continue
            if specialty in OUT_SPECIALTIES or not admitted < left:
                continue
            lived = [(a, b) for s, a, b in settled if s in ("nursing", "residential", "prison")]
            if any(a <= admitted and (b is None or admitted <= b) for a, b in lived):
                continue
            if any(left == start + timedelta(days=n) for n in range(-7, 4)) and admitted <= start:
                linked.append((left, admitted, spell))
        if not linked:
            continue
        left, _, spell = max(linked)
        wrong = set()
        for n in range(85):
            now = left + timedelta(days=n)
            if died == now:
                wrong.add("died")
            if any(other is not spell and other[0] == now and other[2][0] == "2" for other in spells):
                wrong.add("readmitted")
            if any(s in ("nursing", "residential") and a == now for s, a, _ in settled):
                wrong.add("into_care")
        out.append((start, left, frozenset(wrong)))
    return out
