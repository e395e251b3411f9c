"""The network between us and a print server, as a process that can be cut off or fall silent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from tests.services.process import free_port, listens, until


class Network:
    """Forwards a port of the loopback to another one."""

    def __init__(self, target: int) -> None:
        """Connect to ``target``, a port of this machine."""
        self.port = free_port()
        self._target = target
        self._pid = 0
        self.restore()

    def cut(self) -> None:
        """Pull the plug: connections break, and new ones are refused."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def silence(self) -> None:
        """Let nothing through any more, without a word."""
        os.kill(self._pid, signal.SIGSTOP)

    def restore(self) -> None:
        """Forward again."""
        if self._pid:
            os.kill(self._pid, signal.SIGCONT)
            return
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                asyncio.run(_forward(self.port, self._target))
            finally:
                os._exit(1)
        until(lambda: listens("127.0.0.1", self.port), "the network")


async def _forward(port: int, target: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", port, reuse_address=True)
    await server.serve_forever()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
