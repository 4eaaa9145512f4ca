"""What of a person's view waits for somebody: matches nobody has decided, and a view that is frozen.

In: the status and the lines of a view. Out: the other record of each pair, None for the view itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

UNDECIDED: Final = frozenset({"proposed", "unsure"})


def waits_of(status: str, lines: Sequence[str], person: str) -> Iterator[str | None]:
    """Each wait. A pair stands in the views of both: it waits in that of the lesser key."""
    if status == "parked":
        yield None
    if status != "alive":
        return
    for line in lines:
        if line.startswith('{"view":"person"') and '"candidate_links":[{' in line:
            links = json.loads(line)["candidate_links"]
            yield from sorted({
                link["person_key"] for link in links
                if link["state"] in UNDECIDED and person < link["person_key"]
            })
