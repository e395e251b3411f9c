"""What a workstation is: the question for its shell, and how its answer is read. Pure.

The oldest Python that will do is 3.9.
"""

from __future__ import annotations

import re

from labcheck.errors import N_
from labcheck.transport.base import Interpreter, Platform, powershell
from labcheck.transport.errors import SystemUnknown
from labcheck.transport.exchange import printable

OLDEST_PYTHON = (3, 9)
_TELL = "import sys;print(sys.executable);print('%d.%d.%d'%sys.version_info[:3])"
_PYTHONS = "python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.10 python3.9"
LINUX = f"""uname -s; uname -m
for p in {_PYTHONS}; do
"$p" -c "import sys;assert sys.version_info>=(3,9);exec(\\"{_TELL}\\")" 2>/dev/null </dev/null && break
done; true"""
"""For sh: system, machine, and of the first Python that is new enough its path and version; a line each."""
# py.exe first: python.exe may be the shop's alias, which runs nothing.
WINDOWS = powershell(
    f"""$ErrorActionPreference='SilentlyContinue'; $ProgressPreference='SilentlyContinue'
[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false
'Windows'; $env:PROCESSOR_ARCHITECTURE
foreach ($p in @(@('py','-3'),@('python'),@('python3'))) {{
  $more = @($p | Select-Object -Skip 1)
  $said = & $p[0] @more -c "{_TELL}" 2>$null
  if ($LASTEXITCODE -eq 0 -and $said.Count -ge 2) {{ $said; break }}
}}
exit 0"""
)
"""For Windows: the same lines."""


def read(seat: str, untrusted: bytes) -> Platform:
    """The platform from an answer. Raises SystemUnknown."""
    lines = [line.strip() for line in untrusted[:8192].decode("utf-8", "replace").splitlines()]
    system, machine, path, version = [*lines, "", "", "", ""][:4]
    known = {"Linux": "linux", "Windows": "windows"}
    if system not in known or not re.fullmatch(r"[\w.-]{1,32}", machine):
        raise SystemUnknown(
            N_("{seat}: an unknown system: {said}"), seat=seat, said=printable(untrusted) or "—"
        )
    return Platform(
        system="linux" if system == "Linux" else "windows",
        machine=machine.lower(),
        python=_interpreter(path, version),
    )


def _interpreter(path: str, version: str) -> Interpreter | None:
    numbers = re.fullmatch(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})", version)
    if not numbers or not path.isprintable() or not path:
        return None
    new_enough = (int(numbers[1]), int(numbers[2])) >= OLDEST_PYTHON
    return Interpreter(path, version) if new_enough else None
