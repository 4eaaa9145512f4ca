"""`homeward topics plan|apply`: the catalogue's topics against the cluster's."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import emit, format_option
from runtime.brokers.detect import detect
from runtime.kafka.acls import apply_rules
from runtime.kafka.admin import Cluster, cluster, wanted_topics
from runtime.place import load_place, load_profile
from runtime.settings import Settings, load_settings


@click.group()
def command() -> None:
    """Compare the catalogue's topics with the cluster, and make them so.

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward topics plan
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward topics apply
    """


@command.command()
@format_option
def plan(form: str) -> int:
    """Show what `apply` would change; exit 1 when it would be refused."""
    settings = load_settings()
    with cluster(settings.bootstrap(), settings) as found:
        changes = found.plan(wanted_topics(_partners(settings), settings))
    emit([{"action": c.action, "topic": c.topic, "detail": c.detail} for c in changes], form)
    if not changes:
        click.echo("nothing to change", err=True)
    return 1 if any(c.action == "refused" for c in changes) else 0


@command.command()
@format_option
def apply(form: str) -> None:
    """Create missing topics, correct settings and access rules; never a partition count."""
    settings = load_settings()
    wanted = wanted_topics(_partners(settings), settings)
    with cluster(settings.bootstrap(), settings) as found:
        changes = found.plan(wanted)
        found.apply(changes)
        emit([{"action": c.action, "topic": c.topic, "detail": c.detail} for c in changes], form)
        click.echo(f"{len(changes)} changes to {len(wanted)} topics", err=True)
        _access(found, settings)


def _access(found: Cluster, settings: Settings) -> None:
    if not detect(settings.bootstrap(), settings).has_authoriser:
        click.echo("access rules skipped: this broker has no authoriser", err=True)
        return
    count = apply_rules(found, wanted_topics(_partners(settings), settings))
    click.echo(f"{count} access rules in force", err=True)


def _partners(settings: Settings) -> list[str]:
    place = load_place(settings.place)
    further = load_profile(Path(settings.profile)) if settings.profile else {}
    return sorted({*place.partners, *further})
