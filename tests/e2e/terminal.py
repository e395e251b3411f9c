"""A person at a terminal: what is typed there is not shown, and what is asked for is answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pexpect

from tests.e2e.site import command_line, environment


def types(site: Path | None, words: Sequence[str], *lines: str, code: int = 0) -> str:
    """Run ``provision`` at a terminal and answer each prompt, which ends in ": "; returns what was shown.
    ``site`` is None for a command that needs none."""
    program, *rest = command_line(site or Path(), *words)
    rest = rest if site else rest[:-2]
    child = pexpect.spawn(
        program, rest, env=environment(COLUMNS="200"), encoding="utf-8", timeout=60, dimensions=(40, 200)
    )
    shown = ""
    for line in lines:
        child.expect(r": $")
        shown += str(child.before) + str(child.after)
        child.sendline(line)
    child.expect(pexpect.EOF)
    shown += str(child.before)
    child.close()
    assert child.exitstatus == code, shown
    assert not any(line and line in shown for line in lines), "what was typed was shown"
    return shown
