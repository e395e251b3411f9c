"""Fixtures that several suites share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.services.cups import PrintServer, VirtualPrinter, print_server

_numbers = itertools.count(1)


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
