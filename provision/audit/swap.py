"""Where memory may come to lie on a disk: swap and hibernation, encrypted or not.

/proc/swaps names the areas (proc(5)); a device is encrypted when it, or all that it is made of, is a
device-mapper target of dm-crypt (/sys/block/dm-N/dm/uuid begins with "CRYPT-"); zram never leaves memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provision.audit.machine import Machine
from provision.audit.model import Check, Finding, Outcome, Severity
from provision.errors import N_, Phrase

_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Area:
    """A swap area in use: a device or a file."""

    path: str
    is_file: bool
    kilobytes: int


def areas(text: str) -> tuple[Area, ...]:
    """What /proc/swaps lists; blanks in names stand as \\040."""
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) >= 3:
            path = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields[0])
            size = int(fields[2]) if fields[2].isdigit() else 0
            found.append(Area(path, fields[1] == "file", size))
    return tuple(found)


def encrypted(machine: Machine, area: Area) -> bool | None:
    """Whether what is written there cannot be read without a key; None: it cannot be told."""
    name = _device_of_file(machine, area.path) if area.is_file else _device(machine, area.path)
    return None if name is None else _block_encrypted(machine, name, _DEPTH)


def _device(machine: Machine, path: str) -> str | None:
    """The kernel's name: /dev/mapper/x is a link to ../dm-0."""
    name = path.removeprefix("/dev/")
    if "/" in name:
        link = machine.at(path)
        if not link.is_symlink():
            return None
        name = link.readlink().name
    return name


def _device_of_file(machine: Machine, path: str) -> str | None:
    """The device of the file system that a file lies in, by mountinfo (the longest mount point that fits)."""
    best, device = "", None
    for line in (machine.text("/proc/self/mountinfo") or "").splitlines():
        fields = line.split()
        if len(fields) < 10:
            continue
        point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        if Path(path).is_relative_to(point) and len(point) >= len(best):
            best, device = point, fields[fields.index("-") + 2] if "-" in fields else None
    return None if device is None or not device.startswith("/dev/") else _device(machine, device)


def _block_encrypted(machine: Machine, name: str, depth: int) -> bool | None:
    if name.startswith("zram"):
        return True
    block = machine.at(f"/sys/class/block/{name}")
    uuid = machine.text(f"/sys/class/block/{name}/dm/uuid") or ""
    if uuid.startswith("CRYPT-"):
        return True
    try:
        below = sorted(path.name for path in (block / "slaves").iterdir())
    except OSError:
        below = []
    if not below:
        return False if block.exists() else None
    judged = [_block_encrypted(machine, one, depth - 1) for one in below] if depth else [None]
    return None if None in judged else all(judged)


def swap(machine: Machine) -> Iterator[Finding]:
    """Swap areas, and whether hibernation would write all of memory into one of them."""
    text = machine.text("/proc/swaps")
    if text is None:
        for check in (Check.SWAP, Check.HIBERNATION):
            yield _finding(
                check,
                Outcome.NOT_CHECKED,
                Severity.LOW,
                N_("this system does not say where it swaps to"),
                N_("See to it that the whole disk is encrypted."),
            )
        return
    judged = [(area, encrypted(machine, area)) for area in areas(text)]
    for area, safe in judged:
        if safe is False:
            yield _finding(
                Check.SWAP, Outcome.RISK, Severity.MEDIUM,
                N_("memory is swapped to a disk unencrypted ({megabytes} MB): opened tasks and codes "
                "may stay there"),
                N_("For the day of the exam: swapoff {path}. For good: encrypted swap (crypttab: "
                "swap /dev/… /dev/urandom swap) or zram."),
                area.path, megabytes=area.kilobytes // 1024, path=area.path,
            )  # fmt: skip
        elif safe is None:
            yield _finding(
                Check.SWAP,
                Outcome.NOT_CHECKED,
                Severity.LOW,
                N_("it cannot be told whether this swap is encrypted"),
                N_("For the day of the exam: swapoff {path}."),
                area.path,
                path=area.path,
            )
    if all(safe for _area, safe in judged):
        yield _finding(
            Check.SWAP, Outcome.OK, Severity.NONE, N_("no swap, or all of it encrypted or in memory"), ""
        )
    yield _hibernation(machine, [area.path for area, safe in judged if safe is False])


def _hibernation(machine: Machine, plain: list[str]) -> Finding:
    states = (machine.text("/sys/power/state") or "").split()
    off = "[disabled]" in (machine.text("/sys/power/disk") or "[disabled]")
    command = machine.text("/proc/cmdline") or ""
    resume = re.search(r"(?:^|\s)resume=(\S+)", command)
    if "disk" not in states or off or "noresume" in command.split() or "nohibernate" in command.split():
        return _finding(
            Check.HIBERNATION, Outcome.OK, Severity.NONE, N_("this computer cannot hibernate"), ""
        )
    if not plain:
        return _finding(
            Check.HIBERNATION,
            Outcome.OK,
            Severity.NONE,
            N_("hibernation would write to encrypted swap only"),
            "",
        )
    return _finding(
        Check.HIBERNATION, Outcome.RISK, Severity.MEDIUM if resume else Severity.LOW,
        N_("hibernation writes all of memory to the disk unencrypted"),
        N_("systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target"),
        plain[0],
    )  # fmt: skip


def _finding(
    check: Check,
    outcome: Outcome,
    severity: Severity,
    what: str,
    cure: str,
    place: str = "",
    **params: object,
) -> Finding:
    return Finding(check, outcome, severity, place, Phrase(what, params), Phrase(cure, params))
