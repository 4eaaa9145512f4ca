"""The signed record without which a real partner does not start (domain 05, IG-26).

In: a partner and the settings. Out: nothing, or `Misconfigured` saying what is missing. The record is
`<records>/<partner>.json`, signed beside it in `<partner>.json.sig` (hex HMAC-SHA-256 under the secret that
the
environment variable HOMEWARD_RECORDS_KEY holds).
"""

from __future__ import annotations

import hmac
import json
import os
from pathlib import Path
from typing import Any

from runtime.errors import Misconfigured
from runtime.place import Partner
from runtime.settings import Settings

FIELDS = (
    "joint_controllers",
    "deciding_officer",
    "hub_operator",
    "dpia_reference",
    "clinical_safety_owner",
)
"""What must be said: the joint controllers of the joined view, who decides, who runs the hub, the DPIA, the
DCB0160 owner of each deploying organisation."""
RECORDS_KEY = "HOMEWARD_RECORDS_KEY"


def check_partner(name: str, partner: Partner, settings: Settings) -> None:
    """Refuse a real partner without its signed record, with the public key ring or with a simulated clock."""
    if not partner.real:
        return
    if settings.clock:
        raise Misconfigured(f"partner {name} is real: a simulated clock (HOMEWARD_CLOCK) is refused")
    if settings.keys.public:
        raise Misconfigured(f"partner {name} is real: the public offline key is refused (HOMEWARD_KEY_REF)")
    record = _signed(name, settings.records / f"{name}.json")
    missing = [field for field in FIELDS if not record.get(field)]
    if missing:
        raise Misconfigured(f"partner {name}: its record does not say {', '.join(missing)}")


def signature(body: bytes, key: str) -> str:
    """What stands in the `.sig` file."""
    return hmac.digest(key.encode(), body, "sha256").hex()


def _signed(name: str, path: Path) -> dict[str, Any]:
    key = os.environ.get(RECORDS_KEY, "")
    try:
        body = path.read_bytes()
        given = path.with_name(path.name + ".sig").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"partner {name} is real and has no signed record {path.name} (IG-26)") from None
    if not key or not hmac.compare_digest(signature(body, key), given):
        raise Misconfigured(f"partner {name}: the signature of its record does not hold (IG-26)")
    try:
        found = json.loads(body)
    except ValueError:
        raise Misconfigured(f"partner {name}: its record is not JSON") from None
    return found if isinstance(found, dict) else {}
