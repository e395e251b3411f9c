"""Private keys that no passphrase protects, told by their formats: OpenSSH, PEM, PKCS #8, PuTTY.

The formats: openssh/PROTOCOL.key ("openssh-key-v1", then the cipher's name); RFC 1421 (Proc-Type: 4,
ENCRYPTED); RFC 5958 (ENCRYPTED PRIVATE KEY); PuTTY's manual, appendix C (Encryption: none).
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
import struct
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from provision.audit.examined import Examination
from provision.audit.model import Check, Finding, Fix, Outcome, Severity
from provision.audit.walk import Seen, content
from provision.errors import N_, Phrase

_BYTES = 64 * 1024
_MAGIC = b"openssh-key-v1\0"
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----\r?\n(.*?)-----END \1PRIVATE KEY-----", re.DOTALL)


class Guard(StrEnum):
    """What protects a key."""

    NONE = "none"
    PASSPHRASE = "passphrase"  # noqa: S105 - a word
    DEVICE = "device"
    """It lies on a security key; the file alone opens nothing."""
    UNCLEAR = "unclear"


def guard_of(data: bytes) -> Guard | None:
    """What protects the private key in a file; None when it holds none."""
    if data.startswith(b"PuTTY-User-Key-File-"):
        found = re.search(rb"^Encryption:\s*(\S+)", data, re.MULTILINE)
        return Guard.UNCLEAR if not found else Guard.NONE if found[1] == b"none" else Guard.PASSPHRASE
    pem = _PEM.search(data)
    if pem is None:
        return None
    kind, body = pem[1].strip(), pem[2]
    if kind == b"OPENSSH":
        return _openssh(body)
    if kind == b"ENCRYPTED" or re.search(rb"^Proc-Type:\s*4,\s*ENCRYPTED", body, re.MULTILINE):
        return Guard.PASSPHRASE
    return Guard.NONE


def _openssh(body: bytes) -> Guard:
    try:
        blob = base64.b64decode(re.sub(rb"\s", b"", body), validate=True)
        if not blob.startswith(_MAGIC):
            return Guard.UNCLEAR
        cipher, at = _string(blob, len(_MAGIC))
        _kdf, at = _string(blob, at)
        _options, at = _string(blob, at)
        public, _at = _string(blob, at + 4)
        kind, _at = _string(public, 0)
    except (binascii.Error, struct.error, ValueError):
        return Guard.UNCLEAR
    if cipher != b"none":
        return Guard.PASSPHRASE
    return Guard.DEVICE if kind.startswith(b"sk-") else Guard.NONE


def _string(blob: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">I", blob, at)
    end = at + 4 + length
    if end > len(blob):
        raise ValueError(end)
    return blob[at + 4 : end], end


def ssh_keys(examination: Examination, named: tuple[Path, ...] = ()) -> Iterator[Finding]:
    """Keys in the homes' .ssh, and those that the inventory names for the labs."""
    coverage = examination.coverage(Check.KEYS)
    found = False
    for seen in _candidates(examination, named):
        try:
            guard = guard_of(content(seen.path, _BYTES))
        except OSError:
            coverage.miss("denied")
            continue
        if guard is None:
            continue
        coverage.files += 1
        if guard is Guard.UNCLEAR:
            coverage.miss("damaged")
            continue
        for finding in _of_key(examination, seen, guard):
            found = True
            yield finding
    if not found and not coverage.unseen:
        yield Finding(
            Check.KEYS, Outcome.OK, Severity.NONE, "",
            Phrase(N_("{count} private keys, each with a passphrase and for its owner "
            "alone"), {"count": coverage.files}),
            Phrase("", {}),
        )  # fmt: skip


def _candidates(examination: Examination, named: tuple[Path, ...]) -> Iterator[Seen]:
    paths = list(named)
    for home in examination.machine.homes:
        try:
            paths += sorted((home.path / ".ssh").iterdir())
            paths += sorted(home.path.glob("*.ppk"))
        except FileNotFoundError:
            continue
        except OSError:
            examination.coverage(Check.KEYS).miss("denied")
    for path in dict.fromkeys(paths):
        seen = examination.file(path)
        if seen is not None:
            yield seen


def _of_key(examination: Examination, seen: Seen, guard: Guard) -> Iterator[Finding]:
    shown = examination.shown(seen.path)
    if guard is Guard.NONE:
        yield Finding(
            Check.KEYS,
            Outcome.RISK,
            Severity.MEDIUM,
            shown,
            Phrase(N_("a private key without a passphrase: whoever copies the file can log in"), {}),
            Phrase(N_("Give it one: {command}"), {"command": f"ssh-keygen -p -f {shlex.quote(shown)}"}),
        )
    if seen.mode & 0o077:
        yield Finding(
            Check.KEYS,
            Outcome.RISK,
            Severity.MEDIUM,
            shown,
            Phrase(N_("other users may read this private key (rights {mode})"), {"mode": f"{seen.mode:04o}"}),
            Phrase(N_("Take the rights away: {command}"), {"command": f"chmod 600 {shlex.quote(shown)}"}),
            (Fix(seen.path, 0o600),),
        )
