"""Fixtures that several suites share."""

from __future__ import annotations

import itertools
import signal
import zlib
from collections.abc import Iterator

import pytest

from tests.services.cups import PrintServer, VirtualPrinter, print_server

_numbers = itertools.count(1)
_LONG = {"contract", "e2e"}
"""Folders of the files that take longest: those of one wait for servers, those of the other compute."""
_LAST = 1 << 32


def pytest_configure(config: pytest.Config) -> None:
    """Let several processes take files in our order, not those with many tests first: many are short; and
    let the commands that tests start obey Ctrl-C, also when the tests are a job that ignores it."""
    config.option.loadscopereorder = False
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, the short ones fill up the end. Alike files have alike names; they should not meet,
    above all those that listen to sound, so the order has nothing to do with the names' meaning."""

    def place(item: pytest.Item) -> int:
        long = item.path.parent.name in _LONG
        return zlib.crc32(item.path.name.encode()) if long else _LAST

    items.sort(key=place)


@pytest.fixture(scope="session", name="print_server")
def _print_server() -> Iterator[PrintServer]:
    """A real CUPS server for the whole run; do not stop or kill it."""
    with print_server() as server:
        yield server


@pytest.fixture
def own_print_server() -> Iterator[PrintServer]:
    """A real CUPS server for one test, which may stop and kill it."""
    with print_server() as server:
        yield server


@pytest.fixture
def printer(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    """A fresh virtual printer; its queue on ``print_server`` has its name."""
    printer = print_server.printer(f"laser{next(_numbers)}")
    yield printer
    printer.kill()
