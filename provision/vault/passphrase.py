"""A short text under a passphrase, as an age file (age-encryption.org/v1, recipient type scrypt).

pyrage writes such files too, but chooses the cost by timing a tiny run: on a busy machine it comes out low,
and a file made in a quiet moment is refused in a busy one. Here the cost is a number. Other ages read and
write the same: the tests ask two of them. scrypt (RFC 7914) is hashlib's, the rest is of ``cryptography``.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provision.secret import Secret
from provision.vault.age import NotOpened

LOG_N = 18
"""log2 of scrypt's N; r = 8, p = 1: 256 MiB and about a second. What age itself takes; OWASP's Password
Storage Cheat Sheet asks for 17 at least."""
_MAX_LOG_N = 20
"""More (1 GiB) is not computed: a file that asks for it was not written here."""
_R, _P = 8, 1
_SALT, _FILE_KEY, _NONCE, _CHUNK = 16, 16, 16, 64 * 1024
_LABEL = b"age-encryption.org/v1/scrypt"
_ZERO, _LAST = bytes(12), bytes(11) + b"\1"
"""Nonces: the wrapped key's, and that of the first piece which is also the last."""
_B64 = rb"[A-Za-z0-9+/]"
_HEADER = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt (%b{22}) ([1-9][0-9]?)\n(%b{43})\n--- %b{43}\n" % ((_B64,) * 3)
)


def normal(phrase: Secret) -> Secret:
    """NFC: the same letters typed on another keyboard are the same passphrase."""
    return Secret(unicodedata.normalize("NFC", phrase.reveal()))


def lock(text: Secret, phrase: Secret) -> bytes:
    """Encrypt the text, less than 64 KiB."""
    data = text.reveal().encode()
    if len(data) >= _CHUNK:
        msg = "only short texts"
        raise ValueError(msg)
    key, salt = secrets.token_bytes(_FILE_KEY), secrets.token_bytes(_SALT)
    wrapped = ChaCha20Poly1305(_wrap_key(phrase, salt, LOG_N)).encrypt(_ZERO, key, None)
    nonce = secrets.token_bytes(_NONCE)
    return _header(key, salt, LOG_N, wrapped) + nonce + _payload(key, nonce).encrypt(_LAST, data, None)


def unlock(data: bytes, phrase: Secret) -> Secret:
    """Decrypt it. Raises NotOpened."""
    found = _HEADER.match(data)
    if found is None or int(found[2]) > _MAX_LOG_N:
        raise NotOpened
    salt, wrapped, log_n = _decoded(found[1]), _decoded(found[3]), int(found[2])
    try:
        key = ChaCha20Poly1305(_wrap_key(phrase, salt, log_n)).decrypt(_ZERO, wrapped, None)
        if _header(key, salt, log_n, wrapped) != found[0]:
            raise NotOpened
        nonce, sealed = data[found.end() :][:_NONCE], data[found.end() + _NONCE :]
        return Secret(_payload(key, nonce).decrypt(_LAST, sealed, None).decode())
    except (InvalidTag, InvalidSignature, ValueError):
        raise NotOpened from None


def _wrap_key(phrase: Secret, salt: bytes, log_n: int) -> bytes:
    n = 2**log_n
    typed = normal(phrase).reveal().encode()
    return hashlib.scrypt(typed, salt=_LABEL + salt, n=n, r=_R, p=_P, maxmem=130 * n * _R, dklen=32)


def _header(key: bytes, salt: bytes, log_n: int, wrapped: bytes) -> bytes:
    """With its authentication code, which only the key gives."""
    said = b"age-encryption.org/v1\n-> scrypt %b %d\n%b\n---" % (_encoded(salt), log_n, _encoded(wrapped))
    code = HMAC(HKDF(SHA256(), 32, None, b"header").derive(key), SHA256())
    code.update(said)
    return said + b" " + _encoded(code.finalize()) + b"\n"


def _payload(key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, nonce, b"payload").derive(key))


def _encoded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4))
