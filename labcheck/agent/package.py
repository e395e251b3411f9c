"""The oral-test software as a request describes it, checked before anything of it is believed.

``{"name", "version", "files": [{"path", "sha256"}], "install", "check", "uninstall": [argument, ...],
"answers": folder, "public_key", "signature": base64 or null}``"""

from __future__ import annotations

import binascii
import hashlib
import os
import re
import stat

from .protocol import Json, Refused
from .typed import Any, NamedTuple

STRANGE = re.compile(r'[\\:*?"<>|\x00-\x1f]')
"""Characters that a file's name cannot have on Windows."""
MARK = ".vpr-version"
"""In every version's folder: which one it is."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
"""Names that Windows keeps for devices."""


class Package(NamedTuple):
    """``files``: path below the software's folder, with ``/`` -> SHA-256 in hexadecimal."""

    name: str
    version: str
    files: dict[str, str]
    install: tuple[str, ...]
    check: tuple[str, ...]
    uninstall: tuple[str, ...]
    answers: str
    public_key: bytes | None
    signature: bytes | None
    raw: Json

    def manifest(self) -> bytes:
        """What is signed: name and version, then a line for every file as ``sha256sum`` writes it."""
        lines = [f"{self.name} {self.version}", *(f"{digest}  {path}" for path, digest in self.files.items())]
        return "".join(line + "\n" for line in lines).encode()

    def id(self) -> str:
        """Which version this is, fit for a folder's name. Another command makes it another version too."""
        steps = "\0".join((*self.install, "", *self.check, "", *self.uninstall)).encode()
        digest = hashlib.sha256(self.manifest() + steps).hexdigest()
        return f"{slug(self.version)}-{digest[:12]}"


def slug(text: str) -> str:
    """A name that any file system takes; one that had to be changed gets its hash, so that no two meet."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-. ")[:40]
    if plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".lstrip("-")


def parse(raw: Any) -> Package:
    """Read it, and check the signature over the list of files. Raises Refused."""
    try:
        files = {str(f["path"]): str(f["sha256"]).lower() for f in raw["files"]}
        whole = len(files) == len(raw["files"])
        run = {step: tuple(map(str, raw.get(step) or ())) for step in ("install", "check", "uninstall")}
        package = Package(
            name=str(raw["name"]),
            version=str(raw["version"]),
            files=files,
            **run,
            answers=str(raw.get("answers") or ""),
            public_key=_bytes(raw.get("public_key")),
            signature=_bytes(raw.get("signature")),
            raw=raw,
        )
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError) as mistake:
        raise Refused("bad-package", f"the description of the software is off: {mistake}") from None
    if not package.name or not package.version or not files or not whole:
        raise Refused("bad-package", "the software needs a name, a version and files, each file once")
    for path, digest in files.items():
        _check_file(path, digest)
    if package.public_key is not None:
        from . import ed25519  # noqa: PLC0415 - not every program is signed

        signed = package.signature or b""
        if not ed25519.verify(package.public_key, signed, package.manifest()):
            raise Refused("bad-signature", "the signature is not that of these files")
    return package


def _bytes(encoded: Any) -> bytes | None:
    if not encoded:
        return None
    import base64  # noqa: PLC0415 - not every program is signed

    return base64.b64decode(encoded, validate=True)


def _check_file(path: str, digest: str) -> None:
    parts = path.split("/")
    bad = any(p in {"", ".", ".."} or p[-1] in ". " or RESERVED.match(p) for p in parts)
    if (
        bad
        or STRANGE.search(path)
        or path == MARK
        or path.endswith(".part")
        or not re.fullmatch(r"[0-9a-f]{64}", digest)
    ):
        raise Refused("bad-package", "a file's path or checksum is off", path=path[:200])


def sha256(path: str) -> str:
    """The SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def differences(package: Package, folder: str) -> dict[str, list[str]]:
    """``{"missing", "changed"}``: paths that are not there as ordinary files, or whose content is another."""
    found: dict[str, list[str]] = {"missing": [], "changed": []}
    for path, digest in package.files.items():
        there = os.path.join(folder, *path.split("/"))
        try:
            ordinary = stat.S_ISREG(os.lstat(there).st_mode)
        except OSError:
            ordinary = False
        if not ordinary:
            found["missing"].append(path)
        elif sha256(there) != digest:
            found["changed"].append(path)
    return found
