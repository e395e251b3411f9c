"""A bad cable: TCP connections to a server, each cut when it has carried as many bytes as it is given."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

_PIECE = 32 * 1024

Budget = Callable[[], int | None]
"""Asked once for each connection: how many bytes, both ways together, it carries; None: it is never cut."""


class _Spent(Exception):
    """The budget is."""


class Cutting:
    """Wires to any number of servers, all carried by one thread."""

    def __init__(self) -> None:
        """Start it."""
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0
        self.carried = 0
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def wire(self, host: str, port: int, budget: Budget) -> tuple[str, int]:
        """The address of a wire to a server."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # one connection
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await self._carry(reader, writer, host, port, budget())
            finally:
                self._tasks.discard(task)

        server = self._run(asyncio.start_server(serve, "127.0.0.1", 0))
        self._servers.append(server)
        name = server.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        host: str,
        port: int,
        budget: int | None,
    ) -> None:
        left = [budget]
        back: asyncio.StreamWriter | None = None
        try:
            there, back = await asyncio.open_connection(host, port)
            await asyncio.gather(self._pump(reader, back, left), self._pump(there, writer, left))
        except _Spent:  # counted here: the other direction may see it, too, before both are gone
            self.cuts += 1
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, back):
                if end is not None:
                    end.transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, left: list[int | None]
    ) -> None:
        while data := await source.read(_PIECE):
            self.carried += len(data)
            budget = left[0]
            if budget is not None and len(data) >= budget:
                target.write(data[:budget])
                left[0] = 0
                raise _Spent
            if budget is not None:
                left[0] = budget - len(data)
            target.write(data)
            await target.drain()
        with contextlib.suppress(OSError):
            target.write_eof()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def cut(self) -> None:
        """Cut every connection now; others may be made."""

        async def end() -> None:
            for task in list(self._tasks):
                task.cancel()

        self._run(end())

    def close(self) -> None:
        """Cut everything."""

        async def end() -> None:
            for server in self._servers:
                server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextlib.contextmanager
def cutting() -> Iterator[Cutting]:
    """:class:`Cutting`, closed at the end."""
    one = Cutting()
    try:
        yield one
    finally:
        one.close()
