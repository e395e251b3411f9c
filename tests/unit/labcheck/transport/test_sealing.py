"""Sealed packets against cryptography's own AES-GCM, and what RFC 4253 and 5647 say of their form."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from labcheck.transport.sealing import Said, Seal

KEY, NONCE = bytes(range(16)), b"fix!" + (2**64 - 2).to_bytes(8, "big")


def opened(packet: bytes, nonce: bytes) -> tuple[bytes, int]:
    """The message, and how much padding was behind it."""
    (length,) = struct.unpack(">I", packet[:4])
    assert len(packet) == 4 + length + 16
    assert length % 16 == 0
    plain = AESGCM(KEY).decrypt(nonce, packet[4:], packet[:4])
    padding = plain[0]
    assert padding >= 4
    return plain[1 : len(plain) - padding], padding


@pytest.mark.parametrize("size", [1, 10, 11, 12, 13, 26, 27, 28, 32_704])
def test_a_message_of_any_size_can_be_opened(size: int) -> None:
    message = bytes(size % 251 for size in range(size))
    assert opened(bytes(Seal(AESGCM(KEY), NONCE).packet(message)), NONCE) == (message, 4 + (-5 - size) % 16)


def test_every_packet_has_a_number_of_its_own_which_goes_round() -> None:
    seal = Seal(AESGCM(KEY), NONCE)
    packets = [bytes(seal.packet(b"same")) for _ in range(4)]
    numbers = [2**64 - 2, 2**64 - 1, 0, 1]
    for packet, number in zip(packets, numbers, strict=True):
        assert opened(packet, NONCE[:4] + number.to_bytes(8, "big"))[0] == b"same"
    assert (seal.packets, seal.bytes) == (4, sum(map(len, packets)))


def test_padding_is_not_the_same_twice() -> None:
    seal = Seal(AESGCM(KEY), NONCE)
    seen = set()
    for number in range(600):  # more than one helping of random bytes
        nonce = NONCE[:4] + ((2**64 - 2 + number) % 2**64).to_bytes(8, "big")
        packet = bytes(seal.packet(b"x" * 12))
        plain = AESGCM(KEY).decrypt(nonce, packet[4:], packet[:4])
        seen.add(plain[13:])
    assert len(seen) == 600


def test_what_is_said_about_a_channel_is_late_once_it_is_closed() -> None:
    channel = SimpleNamespace(closed=False, remote_chanid=7)
    piece, other = Said(channel), Said(channel, b"other")
    piece.add_string(memoryview(b"data"))
    assert piece.asbytes() == bytes([94]) + struct.pack(">II", 7, 4) + b"data"
    assert other.asbytes() == b"other"
    assert not piece.late
    channel.closed = True
    assert piece.late
    assert other.late
