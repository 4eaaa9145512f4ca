"""What the environment gives a connectors process: recipients' addresses and the TLS of MLLP."""

from __future__ import annotations

import os
import ssl

from connectors.notices import Address
from runtime.errors import Misconfigured
from runtime.place import Place
from runtime.settings import Settings


def addresses(place: Place) -> dict[str, Address]:
    """Where each recipient is told, by the references of the place; what is not set is empty."""
    return {
        recipient.name: Address(
            os.environ.get(recipient.url_ref, "") if recipient.url_ref else "",
            (os.environ.get(recipient.secret_ref, "") if recipient.secret_ref else "").encode(),
        )
        for recipient in place.recipients
    }


def mllp_tls(settings: Settings) -> ssl.SSLContext | None:
    """The TLS that MLLP is spoken over; None: in clear. Raises Misconfigured."""
    if not settings.mllp_cert_file:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.mllp_cert_file, settings.mllp_key_file or None)
        if settings.mllp_client_ca_file:
            context.load_verify_locations(settings.mllp_client_ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as exc:
        raise Misconfigured(
            f"HOMEWARD_MLLP_CERT_FILE or its key or CA cannot be used: {exc.strerror}"
        ) from None
    return context
