"""Bring the agent to a workstation when it is not there, and start it."""

from __future__ import annotations

import base64
import io
from time import monotonic
from typing import Protocol

from labcheck.boot import UNPACK, boot
from labcheck.bundle import Bundle, agent_source
from labcheck.errors import N_
from labcheck.link import SHOWN_CHARS, AgentBroken, Hello, Link, NoPython, broken, hello, shown
from labcheck.packing import packed
from labcheck.transport.base import Platform, Transport

START_SECONDS = 30.0
PUSH_SECONDS = 300.0
_NO_PYTHON = N_("{seat}: there is no Python 3.9 or newer")
_NOT_UNPACKED = N_("{seat}: the agent cannot be unpacked: {said}")

UNPACK_FILE = """
import sys
with open(sys.argv[1], 'rb') as file:
    data = file.read()
os.remove(sys.argv[1])
sys.exit(unpack(data, *sys.argv[2:]))
"""
IN_MEMORY = """
import base64, importlib.abc, importlib.util, io, sys, zipfile
sys.dont_write_bytecode = True
source = zipfile.ZipFile(io.BytesIO(base64.b64decode(sys.stdin.buffer.readline())))
class Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def path(self, name):
        return name.replace('.', '/') + ('/__init__.py' if self.is_package(name) else '.py')
    def is_package(self, name):
        return name == 'agent'
    def find_spec(self, name, path=None, target=None):
        if self.path(name) in source.namelist():
            return importlib.util.spec_from_loader(name, self, origin=name, is_package=self.is_package(name))
    def get_source(self, name):
        return source.read(self.path(name)).decode('utf-8')
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.__file__ = '/nonexistent/agent/' + module.__name__
        exec(compile(self.get_source(module.__name__), module.__name__, 'exec'), module.__dict__)
sys.meta_path.insert(0, Finder())
from agent.__main__ import main
main()
"""
"""An agent that leaves nothing on the workstation: its source comes as the first line."""


class Source(Protocol):
    """Where bundles come from; labcheck.bundle.Bundles is one."""

    def of(self, platform: Platform) -> Bundle:
        """The bundle for a workstation."""
        ...


def start(transport: Transport, bundles: Source, *, deadline: float = PUSH_SECONDS) -> Link:
    """A running agent of the right bundle; it is brought there first when it is not there.

    Raises NoPython, AgentBroken, what ``bundles`` raises, and what a transport does.
    """
    until = monotonic() + deadline
    begin = _boot if transport.system == "linux" else _ask
    return begin(transport, bundles, until)


def _boot(transport: Transport, bundles: Source, until: float) -> Link:
    """On Linux: one program says what is there, and becomes the agent."""
    booted = boot(transport, until)
    if booted is None:
        raise NoPython(_NO_PYTHON, seat=transport.seat)
    try:
        bundle = bundles.of(booted.platform)
        folder = f"{booted.home}/.cache/vpr-morning/{bundle.folder}"
        said = booted.become(transport.seat, folder, until)
        if isinstance(said, Hello):
            return Link(transport.seat, booted.channel, said)
        said = booted.become(transport.seat, folder, until, packed(bundle, booted.platform))
        if isinstance(said, Hello):
            link = Link(transport.seat, booted.channel, said)
            link.call("ping", {"remove_others": True}, deadline=max(0.0, until - monotonic()))
            return link
    except BaseException:
        booted.channel.close()
        raise
    booted.channel.close()
    raise AgentBroken(_NOT_UNPACKED, seat=transport.seat, said=said)


def _ask(transport: Transport, bundles: Source, until: float) -> Link:
    """On Windows: a program for each."""
    platform = transport.platform()
    python = _python(transport)
    bundle = bundles.of(platform)
    folder = f"{transport.home()}/AppData/Local/vpr-morning/{bundle.folder}"
    command = [python, "-I", "-S", folder]
    link = _begin(transport, command, until)
    if link is None:
        _push(transport, platform, bundle, folder, until)
        link = _begin(transport, command, until)
        if link is not None:
            link.call("ping", {"remove_others": True}, deadline=max(0.0, until - monotonic()))
    if link is None:
        raise AgentBroken(N_("{seat}: the agent does not start, though it is there"), seat=transport.seat)
    return link


def start_without_trace(transport: Transport, *, deadline: float = START_SECONDS) -> Link:
    """An agent in memory only: it can verify, and cannot do what needs psutil or sound."""
    until = monotonic() + deadline
    channel = transport.open([_python(transport), "-I", "-S", "-B", "-c", _program(IN_MEMORY)])
    channel.send(base64.b64encode(agent_source()))
    said = hello(transport.seat, channel, until)
    if said is None:
        raise broken(transport.seat, channel)
    return Link(transport.seat, channel, said)


def _python(transport: Transport) -> str:
    python = transport.platform().python
    if python is None:
        raise NoPython(_NO_PYTHON, seat=transport.seat)
    return python.path


def _begin(transport: Transport, command: list[str], until: float) -> Link | None:
    """Start the agent; None when it is not there."""
    channel = transport.open(command)
    try:
        said = hello(transport.seat, channel, until)
    except BaseException:
        channel.close()
        raise
    if said is None:
        channel.close()
        return None
    return Link(transport.seat, channel, said)


def _push(transport: Transport, platform: Platform, bundle: Bundle, folder: str, until: float) -> None:
    """Bring the bundle there as a file; it is checked there before it becomes anything."""
    brought, archive = packed(bundle, platform), f"{folder}.packed"
    transport.makedirs(folder.rpartition("/")[0])
    transport.put(io.BytesIO(brought.data), archive, deadline=max(0.0, until - monotonic()))
    program = _program(UNPACK + UNPACK_FILE)
    command = [_python(transport), "-I", "-S", "-c", program, archive, *brought.told(), folder]
    done = transport.run(command, deadline=max(0.0, until - monotonic()))
    if done.exit_status != 0:
        said = shown(done.stderr.decode("utf-8", "replace").strip()[-SHOWN_CHARS:])
        raise AgentBroken(_NOT_UNPACKED, seat=transport.seat, said=said)


def _program(source: str) -> str:
    """For ``python -c``, without a character that any shell would change."""
    encoded = base64.b64encode(source.encode()).decode("ascii")
    return f"import base64;exec(base64.b64decode('{encoded}'))"
