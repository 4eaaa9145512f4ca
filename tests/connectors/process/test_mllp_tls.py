"""The TLS option of MLLP.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from connectors.transports.frames import wrap
from tests.connectors.process.ward import (
    Ward,
    certificate,
    codes,
    listening,
    message,
)


class TestTls:
    """The TLS option."""

    def test_speaks_tls_and_survives_a_plain_sender(self, tmp_path: Path) -> None:
        async def play() -> None:
            server, client = certificate(tmp_path)
            async with listening(Ward(tls=server)) as ward:
                plain = await ward.connect()
                plain[1].write(wrap(message("plain")))
                reader, writer = await ward.connect(client)
                writer.write(wrap(message("1")))
                assert await codes(reader, 1) == ["AA 1"]
                assert len(ward.received) == 1
                writer.close(), plain[1].close()

        asyncio.run(play())
