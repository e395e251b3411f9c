"""What a virtual workstation has inside: an answers folder, a Python, programs that run."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Collection
from pathlib import Path

from labcheck.rehearsal.box import Box
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.sshserver import SEARCHED, variables

FREE_KB = 20 * 1024
"""Left on a disk that is full: enough to write, too little for an exam."""
_ROOMY = "16g"
"""Of a file system in memory this is a limit; it takes what lies in it."""
PROGRAMS = {Fault.DISTURBING_PROCESS: "zoom", Fault.REMOTE_CONTROL: "anydesk"}


class Inside:
    """``home`` is the folder that its sessions call HOME."""

    def __init__(self, box: Box, home: Path) -> None:
        """Furnish it. Raises SeatFailed."""
        self._box, self._home = box, home
        self._faults: frozenset[Fault] = frozenset()
        self._answers = home / "answers"
        self._answers.mkdir(parents=True)
        if box.isolated:
            box.run(f"mount -t tmpfs -o size={_ROOMY},mode=0700 answers {self._quoted(self._answers)}")

    def set(self, faults: Collection[Fault]) -> None:
        """Be as these faults have it, and well otherwise. Raises SeatFailed."""
        wanted = frozenset(faults)
        changed = wanted ^ self._faults
        if changed & {Fault.FULL_DISK, Fault.NOT_WRITABLE}:
            self._disk(full=Fault.FULL_DISK in wanted, locked=Fault.NOT_WRITABLE in wanted)
        if Fault.NO_PYTHON in changed:
            self._python(hidden=Fault.NO_PYTHON in wanted)
        for fault in changed & set(PROGRAMS):
            self._program(PROGRAMS[fault], running=fault in wanted)
        if Fault.INSTALL_FAILS in changed:
            self._installer(fails=Fault.INSTALL_FAILS in wanted)
        self._faults = wanted

    def _disk(self, *, full: bool, locked: bool) -> None:
        answers = self._quoted(self._answers)
        if not self._box.isolated:
            self._answers.chmod(0o500 if locked else 0o700)
            return
        size = f"$(( $(df -k --output=used {answers} | tail -n 1) + {FREE_KB} ))k" if full else _ROOMY
        self._box.run(f"mount -o remount,{'ro' if locked else 'rw'},size={size} {answers}")

    def _python(self, *, hidden: bool) -> None:
        for path in sorted(_pythons()):
            verb = "mount --bind /dev/null" if hidden else "umount"
            self._box.run(f"{verb} {shlex.quote(path)}")

    def _program(self, name: str, *, running: bool) -> None:
        if not running:
            self._box.kill(name)
            return
        link = self._home / ".local" / "programs" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to("/bin/sleep")
        self._box.run(f"{self._quoted(link)} infinity &")

    def _installer(self, *, fails: bool) -> None:
        """The installer wants a folder of programs: a file of that name is in its way."""
        programs = self._home / ".local" / "bin"
        if fails:
            programs.parent.mkdir(exist_ok=True)
            shutil.rmtree(programs, ignore_errors=True)  # of an earlier installation
            programs.write_bytes(b"")
        elif programs.is_file():
            programs.unlink()

    def _quoted(self, path: Path) -> str:
        return shlex.quote(str(path))


def _pythons() -> set[str]:
    """The files that are Python for its sessions, links followed."""
    path = dict(variables(Path(), {}))["PATH"].split(":")
    found = (file for folder in {*SEARCHED, *path} for file in Path(folder).glob("python3*"))
    return {str(file.resolve()) for file in found if os.access(file, os.X_OK) and file.is_file()}
