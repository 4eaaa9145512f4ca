"""A ward's MLLP server, and what a sender hears of it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.transports.mllp import Limits, MllpServer, Wording
from connectors.verdict import Answer, Verdict
from runtime.place import AckPolicy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def message(control_id: str, extra: str = "") -> bytes:
    return f"MSH|^~\\&|PAS|RJZ|HW|HUB|20270112||ADT^A01|{control_id}|P|2.4\rEVN||20270112\r{extra}".encode()


class Ward:
    """A server under test, and what it received and counted."""

    def __init__(
        self,
        answer: Callable[[bytes], Awaitable[Verdict]] | None = None,
        tls: ssl.SSLContext | None = None,
        **limits: float,
    ) -> None:
        self.received: list[bytes] = []
        self.seen: Counter[str] = Counter()
        self.answer = answer
        self.server = MllpServer(
            self.receive,
            AckPolicy(),
            Wording(lambda: "20270112"),
            tls=tls,
            count=self.count,
            limits=Limits(**limits),
        )  # type: ignore[arg-type]
        self.address = ("", 0)

    async def receive(self, body: bytes) -> Verdict:
        self.received.append(body)
        return await self.answer(body) if self.answer else Verdict(Answer.ACCEPTED)

    def count(self, seen: str, by: int) -> None:
        self.seen[seen] += by

    async def connect(self, tls: ssl.SSLContext | None = None) -> Streams:
        return await asyncio.open_connection(*self.address, ssl=tls)


@asynccontextmanager
async def listening(ward: Ward) -> AsyncIterator[Ward]:
    ward.address = await ward.server.start("127.0.0.1", 0)
    try:
        yield ward
    finally:
        await ward.server.close()


async def codes(reader: asyncio.StreamReader, count: int) -> list[str]:
    """`AA 7` of the next replies."""
    out = []
    for _ in range(count):
        reply = await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 30)
        msa = next(line for line in reply.decode("latin-1").split("\r") if line.startswith("MSA"))
        out.append(" ".join(msa.split("|")[1:3]))
    return out


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "homeward test")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=9))
        .add_extension(address, False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))
