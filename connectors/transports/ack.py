"""HL7 v2 acknowledgements, pure: the header of what came and the verdict in, the reply messages out.

Original mode answers MSA AA | AE | AR; enhanced mode (MSH-15 or MSH-16 given) answers CA | CE | CR when
MSH-15 asks and the
application acknowledgement after it when MSH-16 asks (HL7 2.4 §2.9). The reply is bytes: what is echoed
keeps its encoding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.verdict import NEVER_POSITIVE, Answer, Verdict
from runtime.place import AckPolicy

ERROR_CODES = {
    "UNSUPPORTED_EVENT": ("201", "Unsupported event code"),
    "WRONG_PROCESSING_ID": ("202", "Unsupported processing id"),
    "FIELD_MISSING": ("101", "Required field missing"),
    "NO_IDENTIFIER": ("204", "Unknown key identifier"),
    "BAD_DATE": ("102", "Data type error"),
    "BAD_DATE_OF_BIRTH": ("102", "Data type error"),
    "BAD_CHARSET": ("102", "Data type error"),
    "BAD_VALUE": ("103", "Table value not found"),
    "UNREADABLE": ("100", "Segment sequence error"),
}
"""HL7 table 0357 by reason; every other reason is 207, application internal error."""

_PLACE = re.compile(r"^([A-Z][A-Z0-9]{2})(?:-(\d+))?(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?$")


@dataclass(frozen=True, slots=True)
class Header:
    """MSH as far as an answer needs it, decoded byte for byte (latin-1): never logged."""

    separator: str = "|"
    encoding: str = "^~\\&"
    fields: tuple[str, ...] = ()

    def field(self, number: int) -> str:
        """MSH-`number` as sent; empty when absent. MSH-2 is the first element of `fields`."""
        return self.fields[number - 2] if 0 <= number - 2 < len(self.fields) else ""

    @property
    def enhanced(self) -> bool:
        """HL7 2.4 §2.9.2: enhanced mode is when MSH-15 or MSH-16 is valued."""
        return bool(self.field(15) or self.field(16))


def read_header(body: bytes) -> Header | None:
    """MSH of a message that starts with it (byte order mark and leading line ends tolerated); None when
    there is none.
    """
    text = body[:4096].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t").decode("latin-1")
    if not text.startswith("MSH") or len(text) < 8:
        return None
    separator = text[3]
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    fields = tuple(line[4:].split(separator))
    return Header(separator, fields[0] or "^~\\&", fields)


def code_of(answer: Answer, policy: AckPolicy) -> str:
    """AA, AE or AR by the partner's policy. What we hold nothing of is never answered positively."""
    if answer is Answer.DUPLICATE:
        return policy.accepted
    if answer not in NEVER_POSITIVE:
        return str(getattr(policy, answer.value))
    wanted = policy.unavailable if answer is Answer.UNAVAILABLE else policy.unreadable
    return wanted if wanted in ("AE", "AR") else "AE"


def replies(
    header: Header | None, verdict: Verdict, policy: AckPolicy, written_at: str, reply_id: str
) -> list[bytes]:
    """The acknowledgement messages for one received message, in the order to send them; none where the
    sender asked for none.

    `written_at` is MSH-7 of the reply, `reply_id` its MSH-10 (a second reply appends `A`).
    """
    code = code_of(verdict.answer, policy)
    if header is None or not header.enhanced:
        return [_message(header or Header(), code, verdict, written_at, reply_id)]
    out = []
    positive = code == "AA"
    if _asked(header.field(15), positive):
        out.append(_message(header, "C" + code[1], verdict, written_at, reply_id))
    if _asked(header.field(16), positive):
        out.append(_message(header, code, verdict, written_at, reply_id + "A" if out else reply_id))
    return out


def _asked(condition: str, positive: bool) -> bool:
    if condition in ("", "NE"):
        return False
    return condition == "AL" or positive == (condition == "SU")


def _message(header: Header, code: str, verdict: Verdict, written_at: str, reply_id: str) -> bytes:
    sep, component = header.separator, header.encoding[0]
    trigger = header.field(9).split(component)[1:2]
    kind = component.join(["ACK", *trigger])
    msh = [
        "MSH",
        header.encoding,
        header.field(5) or "HOMEWARD",
        header.field(6),
        header.field(3),
        header.field(4),
        written_at,
        "",
        kind,
        reply_id,
        header.field(11) or "P",
        header.field(12) or "2.4",
    ]
    number, meaning = ERROR_CODES.get(verdict.reason, ("207", "Application internal error"))
    error = component.join([number, meaning, "HL70357"])
    msa = ["MSA", code, header.field(10), verdict.reason]
    segments = [msh, [*msa, "", "", error] if verdict.reason else msa[:3]]
    if verdict.reason:
        segments.append(_error_segment(header, code, verdict, error))
    return "".join(sep.join(segment).rstrip(sep) + "\r" for segment in segments).encode("latin-1", "replace")


def _error_segment(header: Header, code: str, verdict: Verdict, error: str) -> list[str]:
    component = header.encoding[0]
    if (header.field(12).split(component)[0] or "2.4") < "2.5":
        spot = _location(verdict.where, "").split("\x00")
        return ["ERR", component.join([*[*spot, "", "", ""][:3], error.replace(component, "&")])]
    location = _location(verdict.where, "1").replace("\x00", component)
    severity = "W" if code.endswith("A") else "E"
    return ["ERR", "", location, error, severity, verdict.reason]


def _location(where: str, sequence: str) -> str:
    """`PID-3[1].4` as the parts segment, sequence, field, repetition, component joined by NUL; empty
    when it is not an HL7 place.
    """
    match = _PLACE.match(where)
    if not match:
        return ""
    segment, field, repetition, component, sub = (part or "" for part in match.groups())
    if not sequence:
        return "\x00".join([segment, "1", field])
    parts = [segment, sequence, field, repetition or ("1" if field else ""), component, sub]
    return "\x00".join(parts).rstrip("\x00")
