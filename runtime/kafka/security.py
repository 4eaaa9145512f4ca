"""How every client signs in: one translation of the settings for kafka-python, one for aiokafka."""

from __future__ import annotations

import os
import ssl
from typing import Any

from runtime.errors import Misconfigured
from runtime.settings import Settings


def client_options(settings: Settings) -> dict[str, Any]:
    """Options of kafka-python's clients: protocol, TLS files, SASL.

    Raises Misconfigured where a secret is missing.
    """
    options: dict[str, Any] = {"security_protocol": settings.kafka_security, **_sasl(settings)}
    if "SSL" in settings.kafka_security:
        options["ssl_context"] = _context(settings)
    return options


reader_options = client_options
"""aiokafka takes the same names."""


def _sasl(settings: Settings) -> dict[str, Any]:
    if not settings.kafka_security.startswith("SASL"):
        return {}
    password = os.environ.get(settings.kafka_password_ref, "")
    if not (settings.kafka_sasl_mechanism and settings.kafka_username and password):
        raise Misconfigured(
            "SASL needs HOMEWARD_KAFKA_SASL_MECHANISM, _USERNAME and what _PASSWORD_REF names"
        )
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": password,
    }


def _context(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file or None)
        if settings.kafka_cert_file:
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file or None)
    except (OSError, ssl.SSLError) as exc:
        raise Misconfigured(f"HOMEWARD_KAFKA_CA_FILE, _CERT_FILE, _KEY_FILE: {type(exc).__name__}") from None
    return context
