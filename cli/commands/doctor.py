"""`homeward doctor`: what this installation is, what it lacks, whether real partners may start."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from cli.output import emit, format_option
from runtime.brokers.detect import detect
from runtime.brokers.jars import java_major
from runtime.errors import Misconfigured, Transient
from runtime.place import load_place
from runtime.records import check_partner
from runtime.settings import Settings, load_settings, variable


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `code` is the exit code it asks for; 0: fine, or not needed."""

    check: str
    said: str
    code: int = 0


@click.command()
@format_option
def command(form: str) -> int:
    """Show every setting (secrets masked), check this machine, the broker, the keys and the partners'
    records.

    Exit 2: a setting, or a real partner without its signed record (IG-26); 3: the broker does not answer.
    """
    settings = load_settings()
    emit([{"setting": name, "value": value} for name, value in _settings(settings)], form)
    if form == "text":
        click.echo("")
    findings = list(_findings(settings))
    emit([{"check": f.check, "ok": f.code == 0, "said": f.said} for f in findings], form)
    return max((f.code for f in findings if f.code == 2), default=max(f.code for f in findings))


def _settings(settings: Settings) -> Iterator[tuple[str, Any]]:
    for name in type(settings).model_fields:
        yield variable(name), _masked(name, str(getattr(settings, name)))


def _masked(name: str, value: str) -> str:
    """References to secrets are shown as their scheme and whether they are set; user names not at all."""
    if not value:
        return ""
    if name == "key_ref":
        scheme, _, where = value.partition(":")
        return f"{scheme}:***" if where else scheme
    if name.endswith("_ref"):
        return f"{value} ({'set' if os.environ.get(value) else 'NOT SET'})"
    return "***" if name == "kafka_username" else value


def _findings(settings: Settings) -> Iterator[Finding]:
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("python", _python),
        ("java", _java),
        ("broker", _broker),
        ("keys", _keys),
        ("clock", lambda s: f"{'simulated' if s.clock else 'the machine'}: {s.wall.now()} µs"),
        ("partners", _partners),
    )
    for name, look in checks:
        try:
            yield Finding(name, look(settings))
        except Misconfigured as exc:
            yield Finding(name, str(exc), 2)
        except Transient as exc:
            yield Finding(name, str(exc), 3)


def _python(_settings: Settings) -> str:
    return platform.python_version()


def _java(_settings: Settings) -> str:
    found = java_major()
    maven = "with Maven" if shutil.which("mvn") else "without Maven"
    return f"{found} {maven}" if found else "none: only a local Kafka needs it"


def _broker(settings: Settings) -> str:
    if not settings.kafka_bootstrap:
        return "KAFKA_BOOTSTRAP is not set: only offline commands work"
    traits = detect(settings.bootstrap(), settings)
    return f"{traits.name} answers at {settings.kafka_bootstrap}"


def _keys(settings: Settings) -> str:
    keys = settings.keys
    return f"version {keys.version}{', the public offline key' if keys.public else ''}"


def _partners(settings: Settings) -> str:
    place = load_place(settings.place)
    real = [name for name, partner in place.partners.items() if partner.real]
    for name in real:
        check_partner(name, place.partners[name], settings)
    return f"{len(place.partners)} of place {place.name}, {len(real)} real"
