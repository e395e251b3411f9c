"""What only Linux has: the kernel's key ring, and folders that exist in memory alone.

Elsewhere (Windows, macOS) each function says plainly that it can not: the key ring holds nothing, so every
command asks for the passphrase; there is no folder in memory, so decrypted files are refused.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from pathlib import Path

_SYSCALLS = {"x86_64": (248, 250), "aarch64": (217, 219), "i686": (286, 288), "armv7l": (309, 311)}
"""Machine -> numbers of add_key and keyctl, from the kernel's tables. Others: no key ring."""
_USER_KEYRING = ctypes.c_int(-4)
_INVALIDATE, _SEARCH, _READ, _SET_TIMEOUT = 21, 10, 11, 15
"""Of keyctl(2)."""
_MAX_PAYLOAD = 16 * 1024
_IN_MEMORY = {"tmpfs", "ramfs"}


def lock_file(descriptor: int, *, shared: bool = False, wait: bool = True) -> None:
    """Lock an open file until it is closed, however the process ends. Raises BlockingIOError without
    ``wait``."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        raise OSError(errno.ENOSYS, "no flock") from None
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    fcntl.flock(descriptor, how if wait else how | fcntl.LOCK_NB)


def hold(name: str, payload: bytes, seconds: int) -> bool:
    """Give the payload to the kernel for so long; False where there is no key ring, or it may not be used.

    It lies in the kernel's memory, which is never swapped out, and every process of this user can read it.
    The kernel itself forgets it when the time is over, whatever becomes of our processes."""
    number = _SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return False
    libc = ctypes.CDLL(None)
    size = ctypes.c_size_t(len(payload))
    key = int(libc.syscall(number[0], b"user", name.encode(), payload, size, _USER_KEYRING))
    if key >= 0 and _keyctl(_SET_TIMEOUT, ctypes.c_int(key), ctypes.c_uint(seconds)) != 0:
        _keyctl(_INVALIDATE, ctypes.c_int(key))  # never one that the kernel would not forget
        return False
    return key >= 0


def held(name: str) -> bytes | None:
    """What the kernel holds under that name; None when nothing, or no more."""
    key = _find(name)
    if key is None:
        return None
    payload = ctypes.create_string_buffer(_MAX_PAYLOAD)
    size = _keyctl(_READ, ctypes.c_int(key), payload, ctypes.c_size_t(_MAX_PAYLOAD))
    return payload.raw[:size] if 0 <= size <= _MAX_PAYLOAD else None


def forget(name: str) -> bool:
    """Let the kernel forget it now; whether there was anything."""
    key = _find(name)
    return key is not None and _keyctl(_INVALIDATE, ctypes.c_int(key)) == 0


def memory_folder() -> Path | None:
    """A folder that exists in memory alone (it may be swapped out where swap is not encrypted); None without
    one."""
    for name in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):  # noqa: S108 - it is looked at first
        path = Path(name)
        if name and in_memory(path) and os.access(path, os.W_OK):
            return path
    return None


def in_memory(path: Path) -> bool:
    """Whether what is written there lies in memory alone, by the list of mounts."""
    if sys.platform != "linux":
        return False
    best, kind = "", ""
    real = os.path.realpath(path)
    for line in Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines():
        _device, place, found, *_rest = line.split(" ")
        place = place.encode("latin-1", "ignore").decode("unicode_escape") if "\\" in place else place
        under = real == place or real.startswith(place.rstrip("/") + "/")
        if under and len(place) >= len(best):
            best, kind = place, found
    return kind in _IN_MEMORY


def _find(name: str) -> int | None:
    key = _keyctl(_SEARCH, _USER_KEYRING, b"user", name.encode(), 0)
    return key if key >= 0 else None


def _keyctl(*args: object) -> int:
    number = _SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return -1
    return int(ctypes.CDLL(None).syscall(number[1], *args))
