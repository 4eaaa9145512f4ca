"""The going-live extract of a hospital: one row for each person in bed.

In: stays. Out: one `Send` on the wire `file`.
"""

from __future__ import annotations

from datetime import datetime

from simulator.hospital import Stay
from simulator.ledger import Send


def census_file(stays: list[Stay], at: datetime) -> Send:
    """The going-live extract: one row a person in bed."""
    lines = ["Visit,MRN,NHS Number,NHS Status,Surname,Forename,DOB,Ward,Bay,Bed,Site,Admitted,Specialty"]
    for stay in stays:
        p, v = stay.person, stay.visit
        admitted = v.admitted_at.strftime("%d/%m/%Y %H:%M") if v.admitted_at else ""
        lines.append(
            f"{v.number},{p.mrn},{p.nhs},01,{p.family},{p.given},{p.birth_date:%d/%m/%Y},{v.poc},{v.room},{v.bed},{v.site},{admitted},{v.specialty}"
        )
    lines.append(f"#rows={len(stays)}")
    name = f"census-{at:%Y%m%dT%H%M}.csv"
    return Send(
        at,
        "pruh-census",
        "file",
        ("\r\n".join(lines) + "\r\n").encode(),
        name,
        {"accepted": len(stays)},
        name=name,
        label="census",
    )
