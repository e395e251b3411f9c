"""The exam program that is rehearsed with: a few small scripts, installed and checked like a real one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from labcheck.deploy import described
from labcheck.requirements import Software, SoftwareFile, Steps

NAME, VERSION, OLD_VERSION = "Станция-репетитор", "2.0", "1.0"
PROCESS = "oral-test"
ANSWERS = "~/answers"
STEPS = Steps(
    install=("sh", "install.sh", "{folder}", "{answers}"),
    check=("sh", "oral-test", "--check"),
    uninstall=("sh", "install.sh", "--remove"),
    answers=ANSWERS,
    start=("{folder}/oral-test", "--open"),
)
_HERE = Path(__file__).parent
_AGENT_SECONDS = 60.0


def files(version: str = VERSION) -> dict[str, bytes]:
    """Its files: path -> content."""
    found = {path.name: path.read_bytes() for path in sorted((_HERE / "software").iterdir())}
    return {**found, "version": f"{version}\n".encode()}


def software(contents: Mapping[str, bytes], version: str = VERSION) -> Software:
    """It, as a profile describes it."""
    listed = tuple(SoftwareFile(path, hashlib.sha256(data).hexdigest()) for path, data in contents.items())
    return Software(NAME, version, listed, MappingProxyType({"linux": STEPS}), PROCESS)


def install_old(home: Path) -> None:
    """Have the older version in this home, put there by our own agent. Raises CalledProcessError, OSError."""
    contents = files(OLD_VERSION)
    described_as = described(software(contents, OLD_VERSION), "linux")

    def ask(step: str) -> dict[str, Any]:
        requests: list[dict[str, Any]] = [
            {"id": 1, "do": "lock", "with": {"owner": "rehearsal"}},
            {"id": 2, "do": "install", "with": {"software": described_as, "step": step}},
        ]
        lines = [json.dumps(request) for request in requests]
        done = subprocess.run(
            [sys.executable, "-m", "labcheck.agent"],
            input="\n".join(lines) + "\n",
            env={**os.environ, "HOME": str(home), "PYTHONPATH": str(_HERE.parents[1]), "XDG_DATA_HOME": ""},
            capture_output=True,
            text=True,
            check=True,
            timeout=_AGENT_SECONDS,
        )
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    folder = Path(ask("stage")["result"]["folder"])
    for path, data in contents.items():
        (folder / path).write_bytes(data)
    ask("apply")
