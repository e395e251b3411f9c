"""The rights to the site's own files: nobody but its owner may look into them."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from provision.audit.model import Check, Finding, Fix, Outcome, Severity
from provision.errors import N_, Phrase

_OTHERS = 0o077
_MOST = 50_000


def site_modes(site: Path) -> Iterator[Finding]:
    """One finding for all files that others may read or change; where the folder itself is closed, what lies
    in it is closed too."""
    if os.name == "nt":
        yield Finding(
            Check.SITE_MODES, Outcome.NOT_CHECKED, Severity.LOW, str(site),
            Phrase(N_("rights are not looked at on Windows"), {}),
            Phrase(N_("Let only your own account open the folder (Properties, Security)."), {}),
        )  # fmt: skip
        return
    mode = stat.S_IMODE(site.stat().st_mode)
    open_files = [] if not mode & _OTHERS else list(_open(site))
    if not open_files:
        yield Finding(
            Check.SITE_MODES, Outcome.OK, Severity.NONE, str(site),
            Phrase(N_("the site's folder is open to its owner alone"), {}), Phrase("", {}),
        )  # fmt: skip
        return
    writable = any(mode & 0o022 for _path, mode in open_files)
    yield Finding(
        Check.SITE_MODES,
        Outcome.RISK,
        Severity.HIGH if writable else Severity.MEDIUM,
        str(site),
        Phrase(
            N_("{count} files and folders of the site are open to other users of this computer"),
            {"count": len(open_files)},
        ),
        Phrase(
            N_("Close them: {command}, or 'provision audit --fix'"),
            {"command": f"chmod -R go= {shlex.quote(str(site))}"},
        ),
        tuple(Fix(path, mode & ~_OTHERS) for path, mode in open_files),
    )


def _open(site: Path) -> Iterator[tuple[Path, int]]:
    count = 0
    for folder, folders, names in os.walk(site, followlinks=False):
        for name in (".", *folders, *names):
            path = Path(folder) / name if name != "." else Path(folder)
            if name in folders:
                continue  # comes as a folder of its own
            about = path.lstat()
            mode = stat.S_IMODE(about.st_mode)
            if mode & _OTHERS and not stat.S_ISLNK(about.st_mode):
                yield path, mode
            count += 1
            if count > _MOST:
                return


def apply(fixes: tuple[Fix, ...]) -> int:
    """Set the rights; returns how many were set. Nothing else is changed; a link is never followed."""
    done = 0
    if os.name == "nt":
        return done  # its rights are no bits
    for fix in fixes:
        try:
            descriptor = os.open(fix.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            about = os.fstat(descriptor)
            if stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode):
                os.fchmod(descriptor, fix.mode)
                done += 1
        except OSError:
            continue
        finally:
            os.close(descriptor)
    return done
