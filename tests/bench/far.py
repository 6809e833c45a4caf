"""``python -m tests.bench.far PORT TO_PORT MILLISECONDS``: a mail server that is far away.

Whatever comes is passed on, either way, that much later; nothing is slowed down otherwise: what comes together goes on together. It prints its
port (0: any free one) and ends when its standard input does.
"""

import asyncio
import sys
import time

_AT_ONCE = 256 * 1024


async def serve(port: int, to_port: int, seconds: float) -> None:
    """Listen until standard input ends."""
    server = await asyncio.start_server(lambda reader, writer: _connected(reader, writer, to_port, seconds), "127.0.0.1", port, limit=_AT_ONCE)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


async def _connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_port: int, seconds: float) -> None:
    away_reader, away_writer = await asyncio.open_connection("127.0.0.1", to_port, limit=_AT_ONCE)
    await asyncio.gather(_way(reader, away_writer, seconds), _way(away_reader, writer, seconds), return_exceptions=True)
    writer.close()
    away_writer.close()


async def _way(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    """Pass one direction on until it ends; however much is under way, it arrives in order and each piece at its time."""
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    arriving = asyncio.create_task(_arrive(under_way, target))
    try:
        while data := await source.read(_AT_ONCE):
            under_way.put_nowait((time.monotonic() + seconds, data))
    finally:
        under_way.put_nowait((time.monotonic() + seconds, b""))
        await arriving


async def _arrive(under_way: "asyncio.Queue[tuple[float, bytes]]", target: asyncio.StreamWriter) -> None:
    while True:
        when, data = await under_way.get()
        if (early := when - time.monotonic()) > 0:
            await asyncio.sleep(early)
        if not data:
            target.write_eof()
            return
        target.write(data)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
