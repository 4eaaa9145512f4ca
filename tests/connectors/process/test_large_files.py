"""A file up to the partner's own limit is kept, on either broker, though it is over the brokers' usual 1 MiB.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from connectors.archive import Archive
from connectors.broker import BrokerReader
from connectors.envelope import RawKeys
from connectors.message import RawMessage
from runtime.errors import Misconfigured
from runtime.kafka.admin import cluster, wanted_topics
from runtime.kafka.producer import Producer
from runtime.place import load_place, parse_place
from runtime.pseudonym import KeyRing
from runtime.settings import load_settings
from schemas.catalogue import MIB, PARTNER_BYTES_MAX, raw_topic
from schemas.errors import ContractViolation
from tests.conftest import Bed

BROMLEY = (Path(__file__).resolve().parents[3] / "places" / "bromley.toml").read_text()


async def kept(bed: Bed, partner: str, body: bytes) -> list[bytes]:
    """Keep a message and read the archive back."""
    async with Producer(bed.bootstrap) as producer:
        keys = RawKeys.of_ring(KeyRing.offline())
        archive = Archive(partner, keys, producer, BrokerReader(bed.bootstrap, bed.traits))
        (end,) = await archive.keep([RawMessage(partner, body, 1_800_000_000_000_000, "list.csv")])
        if isinstance(end, Exception):
            raise end
        return [one.message.body async for one in archive.read() if one.message is not None]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("size", [3 * MIB, PARTNER_BYTES_MAX], ids=["3 MiB", "the limit"])
def test_a_file_up_to_the_limit_is_kept(bed: Bed, size: int) -> None:
    partner = bed.name("big")
    with cluster(bed.bootstrap) as found:
        wanted = [w for w in wanted_topics([partner], load_settings()) if w.name == raw_topic(partner)]
        assert wanted[0].configs["max.message.bytes"] == str(17 * MIB)
        found.apply(found.plan(wanted))
    body = (b"K1,9990000018,OAK\n" * (size // 18 + 1))[:size]
    (back,) = asyncio.run(kept(bed, partner, body))
    assert hashlib.sha256(back).digest() == hashlib.sha256(body).digest()


def test_what_the_topic_does_not_take_is_too_large(bed: Bed) -> None:
    partner = bed.name("small")
    with cluster(bed.bootstrap) as found:
        wanted = [w for w in wanted_topics([partner], load_settings()) if w.name == raw_topic(partner)]
        found.apply(found.plan(wanted))
    with pytest.raises(ContractViolation, match="TOO_LARGE"):
        asyncio.run(kept(bed, partner, b"x" * (17 * MIB)))


def test_each_partner_has_its_limit() -> None:
    partners = load_place("bromley").partners
    limits = {name: partner.bytes_max for name, partner in partners.items()}
    assert limits["hub-list"] == PARTNER_BYTES_MAX == 16 * MIB
    assert limits["pruh-adt"] == limits["lbb-webhook"] == MIB
    narrower = BROMLEY.replace('[partners.hub-list]\n', '[partners.hub-list]\nmax_bytes = 5000\n')
    assert parse_place(narrower, "here").partners["hub-list"].bytes_max == 5000


@pytest.mark.parametrize(
    ("partner", "limit"), [("hub-list", PARTNER_BYTES_MAX + 1), ("lbb-webhook", 5000)],
    ids=["over what the archive holds", "a webhook"],
)  # fmt: skip
def test_a_limit_that_cannot_hold_is_refused(partner: str, limit: int) -> None:
    wrong = BROMLEY.replace(f"[partners.{partner}]\n", f"[partners.{partner}]\nmax_bytes = {limit}\n")
    with pytest.raises(Misconfigured):
        parse_place(wrong, "here")
