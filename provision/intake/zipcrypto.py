"""The traditional cipher of zip archives, for a member's first 12 bytes: libarchive does the rest, fast."""

from __future__ import annotations

import zlib


def decrypted(key: bytes, data: bytes) -> bytes:
    """Decrypt a few bytes in the traditional way (APPNOTE 6.1): the header of 12 random bytes."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc_step(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc_step(keys[2], keys[1] >> 24)

    for byte in key:
        update(byte)
    plain = bytearray()
    for byte in data:
        temp = (keys[2] | 2) & 0xFFFF
        plain.append(byte ^ ((temp * (temp ^ 1)) >> 8) & 0xFF)
        update(plain[-1])
    return bytes(plain)


def _crc_step(crc: int, byte: int) -> int:
    return zlib.crc32(bytes((byte,)), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
