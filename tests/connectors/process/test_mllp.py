"""MLLP over real loopback sockets: what a sender can do to us, and what it hears.
"""

from __future__ import annotations

import asyncio

from connectors.transports.frames import wrap
from connectors.verdict import Answer, Verdict
from tests.connectors.process.ward import (
    Ward,
    codes,
    listening,
    message,
)


class TestFramesOnTheWire:
    """Pipelined, chunked, too large, without end, garbage."""

    def test_pipelined_frames_are_all_answered_in_order_though_work_overlaps(self) -> None:
        async def play() -> None:
            running = peak = 0

            async def slow_first(body: bytes) -> Verdict:
                nonlocal running, peak
                running += 1
                peak = max(peak, running)
                await asyncio.sleep(0.05 if b"|0|P" in body else 0.001)
                running -= 1
                return Verdict(Answer.ACCEPTED)

            async with listening(Ward(slow_first, in_flight=8)) as ward:
                reader, writer = await ward.connect()
                writer.write(b"".join(wrap(message(str(n))) for n in range(50)))
                assert await codes(reader, 50) == [f"AA {n}" for n in range(50)]
                assert 1 < peak <= 8
                writer.close()

        asyncio.run(play())

    def test_a_message_in_single_bytes_and_a_second_connection(self) -> None:
        async def play() -> None:
            async with listening(Ward()) as ward:
                slow, fast = await ward.connect(), await ward.connect()
                for byte in wrap(message("slow"))[:-1]:
                    slow[1].write(bytes([byte]))
                    await slow[1].drain()
                fast[1].write(wrap(message("fast")))
                assert await codes(fast[0], 1) == ["AA fast"]
                slow[1].write(b"\r")
                assert await codes(slow[0], 1) == ["AA slow"]
                assert ward.seen == {"connection": 2}
                slow[1].close(), fast[1].close()

        asyncio.run(play())

    def test_twenty_megabytes_are_refused_by_name_and_the_connection_goes_on(self) -> None:
        async def play() -> None:
            async with listening(Ward()) as ward:
                reader, writer = await ward.connect()
                writer.write(wrap(message("big", "x" * 20_000_000)) + wrap(message("next")))
                assert await codes(reader, 2) == ["AR big", "AA next"]
                assert [len(body) < 200 for body in ward.received] == [True]
                assert ward.seen["TOO_LARGE"] == 1
                writer.close()

        asyncio.run(play())

    def test_a_frame_without_end_is_counted_and_closed_and_others_are_not_disturbed(self) -> None:
        async def play() -> None:
            async with listening(Ward(frame_seconds=0.2)) as ward:
                other = await ward.connect()
                reader, writer = await ward.connect()
                writer.write(wrap(message("1")) + b"\x0bMSH|^~\\&|never ends")
                assert await codes(reader, 1) == ["AA 1"]
                assert await asyncio.wait_for(reader.read(), 30) == b""
                assert ward.seen["FRAME_INCOMPLETE"] == 1
                other[1].write(wrap(message("2")))
                assert await codes(other[0], 1) == ["AA 2"]
                writer.close(), other[1].close()

        asyncio.run(play())

    def test_a_quiet_connection_is_not_a_frame_without_end(self) -> None:
        async def play() -> None:
            async with listening(Ward(frame_seconds=0.05)) as ward:
                reader, writer = await ward.connect()
                writer.write(wrap(message("1")))
                assert await codes(reader, 1) == ["AA 1"]
                await asyncio.sleep(0.2)
                writer.write(wrap(message("2")))
                assert await codes(reader, 1) == ["AA 2"]
                assert "FRAME_INCOMPLETE" not in ward.seen
                writer.close()

        asyncio.run(play())

    def test_garbage_between_frames_is_counted_and_a_probe_is_nothing(self) -> None:
        async def play() -> None:
            async with listening(Ward()) as ward:
                probe = await ward.connect()
                probe[1].close()
                reader, writer = await ward.connect()
                writer.write(b"GET / HTTP/1.1\r\n\r\n" + wrap(message("1")) + b"\r\nnoise")
                assert await codes(reader, 1) == ["AA 1"]
                writer.write_eof()
                assert await reader.read() == b""
                assert ward.seen == {"connection": 1, "garbage": len("GET / HTTP/1.1") + len("noise")}
                writer.close()

        asyncio.run(play())


class TestClosing:
    """Nothing that was received goes unanswered, and nothing waits for ever."""

    def test_closing_answers_what_was_received_then_ends_the_connection(self) -> None:
        async def play() -> None:
            gate, arrived = asyncio.Event(), asyncio.Event()

            async def held(_body: bytes) -> Verdict:
                arrived.set()
                await gate.wait()
                return Verdict(Answer.ACCEPTED)

            ward = Ward(held, grace_seconds=5)
            async with listening(ward):
                reader, writer = await ward.connect()
                writer.write(wrap(message("1")) + b"\x0bMSH|half")
                await arrived.wait()
                closing = asyncio.create_task(ward.server.close())
                await asyncio.sleep(0.05)
                gate.set()
                assert await codes(reader, 1) == ["AA 1"]
                assert await reader.read() == b""
                await asyncio.wait_for(closing, 30)
                writer.close()

        asyncio.run(play())

    def test_closing_is_bounded_and_gives_no_answer_that_is_not_true(self) -> None:
        async def play() -> None:
            async def never(_body: bytes) -> Verdict:
                await asyncio.Event().wait()
                return Verdict(Answer.ACCEPTED)

            ward = Ward(never, grace_seconds=0.1)
            async with listening(ward):
                reader, writer = await ward.connect()
                writer.write(wrap(message("1")))
                await asyncio.sleep(0.05)
                await asyncio.wait_for(ward.server.close(), 30)
                assert await reader.read() == b""
                writer.close()

        asyncio.run(play())

    def test_a_bug_behind_us_closes_without_an_answer(self) -> None:
        async def play() -> None:
            async def broken(_body: bytes) -> Verdict:
                raise ConnectionError

            async with listening(Ward(broken)) as ward:
                reader, writer = await ward.connect()
                writer.write(wrap(message("1")))
                assert await asyncio.wait_for(reader.read(), 30) == b""
                writer.close()

        asyncio.run(play())
