"""The closed lists of the action log: what can be agreed at a bed meeting, and at which (domain 02 §2.5).

A free text may say of whom (IG-03), so an action is a code; a word that is missing here is a line here.
"""
from __future__ import annotations

from typing import Final

WHATS: Final[dict[str, str]] = {
    "review_long_stays": "Review everybody who has been here for 7, 14 and 21 days",
    "review_ready_to_leave": "Review everybody who is ready to leave and has no date",
    "review_twelve_hour_risks": "Review who may wait twelve hours in the emergency department",
    "confirm_discharges": "Confirm the discharges that are only possible",
    "discharges_before_noon": "Move discharges before noon",
    "open_escalation_beds": "Open escalation beds",
    "close_escalation_beds": "Close escalation beds",
    "reopen_closed_beds": "Have beds closed by infection control reviewed",
    "move_staff": "Move staff to where they are short",
    "chase_medicines": "Chase medicines to take home",
    "chase_transport": "Chase transport",
    "chase_letters": "Chase discharge letters",
    "chase_therapy": "Chase therapy assessments",
    "ring_council": "Ring council brokerage",
    "ring_care_homes": "Ring care homes for beds",
    "ring_hospice": "Ring the hospice",
    "ring_community": "Ring community services",
    "ask_neighbours": "Ask a neighbouring hub or site for help",
    "raise_level": "Raise the escalation level with the control centre",
    "mend_feed": "Have a silent or faulty feed mended",
    "decide_matches": "Decide the matches that wait",
    "other": "Other: said at the call",
}
CALLS: Final[dict[str, str]] = {
    "call_0830": "Bed meeting at about 08:30",
    "call_1200": "Bed meeting at about 12:00",
    "call_1600": "Bed meeting at about 16:00",
    "system_call": "System control call",
    "huddle": "Huddle of the hub",
    "between_calls": "Between calls",
}
