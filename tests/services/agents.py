"""The real agent as a real process, from the source or from a bundle, asked as the controller asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from labcheck.link import Link
from labcheck.push import start
from labcheck.transport.local import LocalTransport
from tests.services.bundles import BUNDLES


@contextmanager
def workstation(home: Path, env: Mapping[str, str] | None = None) -> Iterator[LocalTransport]:
    """A transport to a workstation with that home; ``env`` is set for the programs that it starts."""
    home.mkdir(parents=True, exist_ok=True)
    foreign = {name: "" for name in os.environ if name.startswith(("PULSE_", "PIPEWIRE_", "XDG_"))}
    with mock.patch.dict(os.environ):
        for name in foreign:
            del os.environ[name]
        os.environ.update(env or {})
        transport = LocalTransport("204-01", home)
        try:
            yield transport
        finally:
            transport.close()


@contextmanager
def agent(home: Path, env: Mapping[str, str] | None = None) -> Iterator[Link]:
    """A running agent on such a workstation."""
    with workstation(home, env) as transport:
        link = start(transport, BUNDLES)
        try:
            yield link
        finally:
            link.close()
