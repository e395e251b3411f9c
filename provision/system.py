"""What the operating system refused, in words: a full disk, a folder without rights, a stick pulled out."""

from __future__ import annotations

import errno

from provision.errors import N_, Phrase, ProvisionError


class SystemRefused(ProvisionError):
    """The operating system refused to read or write a file."""

    code = "system-refused"
    remedy = N_("Put that right, then run the same command again: it goes on where it stopped.")


_REASONS = {
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk quota is used up"),
    errno.EFBIG: N_("the disk takes no file of this size"),
    errno.EROFS: N_("the disk is read-only"),
    errno.EACCES: N_("no rights to this file or folder"),
    errno.EPERM: N_("no rights to this file or folder"),
    errno.ENOENT: N_("there is no such file or folder"),
    errno.ENOTDIR: N_("this is no folder"),
    errno.EISDIR: N_("this is a folder"),
    errno.EIO: N_("the disk does not answer, or is damaged"),
    errno.EMFILE: N_("too many files are open"),
    errno.ENOMEM: N_("the memory is used up"),
}


def reason(error: OSError) -> Phrase:
    """Why, in words that can be translated; the system's number where there are none."""
    known = _REASONS.get(error.errno or 0)
    return Phrase(known, {}) if known else Phrase(N_("system error {number}"), {"number": error.errno or "?"})


def refused(error: OSError) -> SystemRefused:
    """The error to show for ``error``."""
    return SystemRefused(N_("{file}: {reason}"), file=error.filename or "—", reason=reason(error))
