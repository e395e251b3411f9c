"""Host keys: their fingerprints, and what to think of one that a workstation offers. Pure.

A key is text as in ``known_hosts`` without the host: type, base64, perhaps a comment.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from enum import StrEnum


class Trust(StrEnum):
    """An offered key beside the pinned one."""

    PINNED = "pinned"
    UNKNOWN = "unknown"
    CHANGED = "changed"


def blob(key: str) -> tuple[str, bytes]:
    """The key's type and the bytes that its fingerprint is made of (RFC 4253, 6.6). Raises ValueError."""
    words = key.split()
    if len(words) < 2:
        msg = "not a host key: a type and its base64 are needed"
        raise ValueError(msg)
    try:
        data = base64.b64decode(words[1], validate=True)
    except binascii.Error:
        msg = "not a host key: damaged base64"
        raise ValueError(msg) from None
    length = int.from_bytes(data[:4], "big")
    if data[4 : 4 + length] != words[0].encode() or len(data) <= 4 + length:
        msg = "not a host key: it names another type inside"
        raise ValueError(msg)
    return words[0], data


def fingerprint(key: str) -> str:
    """The key's SHA-256 as ``ssh`` and ``ssh-keygen -l`` print it: "SHA256:…". Raises ValueError."""
    digest = hashlib.sha256(blob(key)[1]).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def compare(pinned: str | None, offered: str) -> Trust:
    """What to think of ``offered``; comments do not count. A pinned text that is no key trusts nothing.

    Raises ValueError when the offered text is no key."""
    theirs = blob(offered)
    if pinned is None:
        return Trust.UNKNOWN
    try:
        ours = blob(pinned)
    except ValueError:
        return Trust.CHANGED
    return Trust.PINNED if ours == theirs else Trust.CHANGED


def to_pin(
    pinned: Mapping[str, str | None], offered: Mapping[str, str], *, replace: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Seat -> key to write into the inventory, without comments: each unknown one, and each changed one
    whose seat a person named in ``replace``. What is pinned already is left out."""
    wanted = {}
    for seat, key in offered.items():
        trust = compare(pinned.get(seat), key)
        if trust is Trust.UNKNOWN or (trust is Trust.CHANGED and seat in replace):
            wanted[seat] = " ".join(key.split()[:2])
    return wanted


def alike(offered: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Groups of seats that offer the same key: copies of one disk image, or one computer under two addresses.

    A key that several computers hold does not tell them apart."""
    seats: dict[bytes, list[str]] = {}
    for seat, key in offered.items():
        seats.setdefault(blob(key)[1], []).append(seat)
    return tuple(tuple(group) for group in seats.values() if len(group) > 1)
