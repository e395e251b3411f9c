"""A slow network: what comes in at one address goes out at another, each piece a while later."""

from __future__ import annotations

import asyncio
import contextlib
import threading

PIECE_BYTES = 64 * 1024
PIECES = 64
"""Under way at most, each way of each connection."""


class Relay:
    """Holds every piece back for ``seconds``, each way; the rate is not touched."""

    def __init__(self, listen: tuple[str, int], to: tuple[str, int], seconds: float) -> None:
        """Take connections from now on. Raises OSError when the address is taken."""
        self._listen, self._to, self._seconds = listen, to, seconds
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._connected, *listen))
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def close(self) -> None:
        """Cut all connections and take no more."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far, forth = await asyncio.open_connection(*self._to)
            try:
                await asyncio.gather(self._carry(near, forth), self._carry(far, back))
            finally:
                forth.close()
        back.close()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(PIECES)

        async def read() -> None:
            data = b"-"
            while data:
                try:
                    data = await source.read(PIECE_BYTES)
                except OSError:
                    data = b""
                await waiting.put((loop.time() + self._seconds, data))

        async def write() -> None:
            while True:
                due, data = await waiting.get()
                await asyncio.sleep(due - loop.time())
                if not data:
                    break
                target.write(data)
                await target.drain()
            with contextlib.suppress(OSError):
                target.write_eof()

        await asyncio.gather(read(), write())
