"""How the agent starts on Linux: one program for everything, because each one costs a workstation tenths.

The shell looks for a Python that is new enough and gives it BOOT, which says what the workstation is, is
told which agent is wanted, unpacks it when it is brought, and then becomes it. Lines of JSON: out ``{"boot":
1, "machine", "python", "version", "home"}``; in ``{"folder"}``, and when that is absent once more with
``{"packed": bytes, "sha256" of these, "size": bytes unpacked, "bundle": the bundle's own hash}`` and those
bytes behind it; out ``{"absent": why, "error": "ENOSPC" or another, "free": bytes}`` or the agent's own first
line.

Windows has no shell that would hand its stdin on; there labcheck.push asks with programs of their own.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from labcheck.link import SHOWN_CHARS, Hello, hello_of, parsed, shown
from labcheck.packing import Packed
from labcheck.transport import files
from labcheck.transport.base import Channel, Interpreter, Platform, Transport

UNPACK = """
import hashlib, json, os, zlib
def unpack(data, digest, size, whole, target):
    if hashlib.sha256(data).hexdigest() != digest:
        return 'the bundle did not arrive whole'
    data = zlib.decompress(data, bufsize=int(size))
    at, view = data.index(b'\\n') + 1, memoryview(data)
    beside, made = '%s.new-%d' % (target, os.getpid()), set()
    try:
        for name, size in json.loads(data[:at]):
            path = os.path.join(beside, *name.split('/'))
            folder = os.path.dirname(path)
            if folder not in made:
                os.makedirs(folder, exist_ok=True)
                made.add(folder)
            with open(path, 'wb') as file:
                file.write(view[at:at + size])
            at += size
        with open(os.path.join(beside, 'bundle.sha256'), 'w') as file:
            file.write(whole)
        if os.path.exists(target):
            import shutil
            old = '%s.old-%d' % (target, os.getpid())
            os.rename(target, old)
            os.rename(beside, target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(beside, target)
    except OSError:
        import shutil
        shutil.rmtree(beside, ignore_errors=True)
        raise
"""
"""Makes what labcheck.bundle has packed the folder that it becomes; there is the folder whole, or none."""
TOO_OLD = 97
_FULL, _DENIED = {"ENOSPC", "EDQUOT"}, {"EACCES", "EPERM", "EROFS"}
BOOT = f"""
import sys
if sys.version_info < (3, 9):
    sys.exit({TOO_OLD})
import errno, gc, json, os
gc.disable()
def say(**what):
    sys.stdout.buffer.write(json.dumps(what).encode('ascii') + b'\\n')
    sys.stdout.buffer.flush()
def free(folder):
    try:
        disk = os.statvfs(folder)
        return disk.f_bavail * disk.f_frsize
    except OSError:
        return None
def bring(asked):
    if 'packed' in asked:
        space = {{}}
        exec(UNPACK, space)
        data = sys.stdin.buffer.read(asked['packed'])
        sys.stdin.buffer.readline()
        return space['unpack'](data, asked['sha256'], asked['size'], asked['bundle'], asked['folder'])
def load(folder):
    with open(os.path.join(folder, 'bundle.sha256')):
        sys.path[:0] = [os.path.join(folder, 'lib'), folder]
    try:
        from agent.__main__ import main
        return main
    except BaseException:
        del sys.path[:2]
        for name in [n for n in sys.modules if n.split('.')[0] == 'agent']:
            del sys.modules[name]
        raise
def boot():
    where, version = os.path.expanduser('~'), '%d.%d.%d' % sys.version_info[:3]
    say(boot=1, machine=os.uname().machine, python=sys.executable, version=version, home=where)
    for line in iter(sys.stdin.buffer.readline, b''):
        asked, name = json.loads(line), ''
        try:
            why = bring(asked)
            main = None if why else load(asked['folder'])
        except Exception as failed:
            why = '%s: %s' % (type(failed).__name__, failed)
            name = errno.errorcode.get(getattr(failed, 'errno', 0), '')
        if not why:
            return main()
        say(absent=why[:{SHOWN_CHARS}], error=name, free=free(where))
"""
"""Python 3.9; it says of an older one that it is too old, in words that Python 3.0 understands. It
looks for no garbage, for imports make none; the agent does again, see agent.__main__.handler."""
PYTHONS = "python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9"


def command() -> tuple[str, ...]:
    """What the workstation's shell gets; nothing in it means anything to any shell but sh."""
    source = base64.b64encode(f"UNPACK = {UNPACK!r}\n{BOOT}boot()\n".encode()).decode("ascii")
    program = f"import binascii;exec(binascii.a2b_base64('{source}'))"
    script = f"""for p in {PYTHONS}; do
command -v "$p" >/dev/null 2>&1 || continue
"$p" -I -S -c "{program}"
case $? in {TOO_OLD}|126|127) ;; *) exit ;; esac
done"""
    return ("sh", "-c", script)


@dataclass(frozen=True, slots=True)
class Booted:
    """A Python that runs over there and waits to be told what it becomes."""

    platform: Platform
    home: str
    channel: Channel

    def become(self, seat: str, folder: str, until: float, brought: Packed | None = None) -> Hello | str:
        """The agent's own word, or why there is none. Raises AgentBroken, DeadlinePassed, ConnectionLost;
        TransferRefused where there is no space or no right for what was brought."""
        asked: dict[str, object] = {"folder": folder}
        if brought is not None:
            asked |= {"packed": len(brought.data), "sha256": brought.sha256}
            asked |= {"size": brought.size, "bundle": brought.bundle}
        behind = b"" if brought is None else b"\n" + brought.data
        self.channel.send(json.dumps(asked).encode("ascii") + behind, max(0.0, until - monotonic()))
        line = self.channel.receive(max(0.0, until - monotonic()))
        if line is None:
            return shown(self.channel.errors().decode("utf-8", "replace").strip()[-SHOWN_CHARS:]) or "—"
        said = parsed(seat, line)
        if "absent" not in said:
            return hello_of(seat, said)
        if brought is not None and said.get("error") in _FULL and isinstance(said.get("free"), int):
            raise files.full(seat, folder, said["free"])
        if brought is not None and said.get("error") in _DENIED:
            raise files.denied(seat, folder)
        return shown(said["absent"]) or "—"


def boot(transport: Transport, until: float) -> Booted | None:
    """Start a Python over there; None when none is new enough. The caller closes its channel."""
    channel = transport.open(command())
    try:
        line = channel.receive(max(0.0, until - monotonic()))
        said = parsed(transport.seat, line) if line is not None else {}
        platform = _platform(said)
        if platform is not None:
            return Booted(platform, str(said["home"]), channel)
    except BaseException:
        channel.close()
        raise
    channel.close()
    return None


def _platform(untrusted: Mapping[str, Any]) -> Platform | None:
    words = [untrusted.get(name) for name in ("machine", "python", "version", "home")]
    if untrusted.get("boot") != 1 or not all(isinstance(w, str) and w and w.isprintable() for w in words):
        return None
    machine, python, version, _home = map(str, words)
    return Platform("linux", machine.lower(), Interpreter(python, version))
