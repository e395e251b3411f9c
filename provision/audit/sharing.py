"""Folders that other computers can open: Samba (smb.conf(5), user shares) and NFS (exports(5))."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provision.audit.copies import copy_finding
from provision.audit.examined import Examination
from provision.audit.model import Check, Finding, Outcome, Severity
from provision.errors import N_, Phrase

_SMB, _USERSHARES = "/etc/samba/smb.conf", "/var/lib/samba/usershares"
_EXPORTS, _MORE_EXPORTS = "/etc/exports", "/etc/exports.d"
_YES = {"yes", "true", "1"}


@dataclass(frozen=True, slots=True)
class Share:
    """``guests``: anybody may open it without a password. ``path`` is the looked-at system's."""

    name: str
    path: str
    guests: bool
    file: str


def smb_shares(text: str, file: str = _SMB) -> Iterator[Share]:
    """The shares of a smb.conf that can be opened; names of parameters ignore case and blanks."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    whole = re.sub(r"\\\r?\n", " ", text)
    for raw in whole.splitlines():
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1].strip().lower(), {})
        elif "=" in line:
            name, _equals, value = line.partition("=")
            current[re.sub(r"\s", "", name).lower()] = value.strip().strip('"')
    defaults = sections.pop("global", {})
    for name, own in sections.items():
        said = {**defaults, **own}
        if _on(said, "available", default=True) and name not in {"printers", "print$"}:
            path = own.get("path") or own.get("directory") or ("%H" if name == "homes" else "")
            if path:
                yield Share(name, path, _on(said, "guestok") or _on(said, "public"), file)


def _on(said: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    return said.get(name, "yes" if default else "no").lower() in _YES


def user_share(text: str, name: str, file: str) -> Share | None:
    """A share that a person made in the file manager: lines of KEY=value."""
    said = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    path = said.get("path", "")
    return Share(name, path, said.get("guest_ok", "n").lower().startswith("y"), file) if path else None


def nfs_shares(text: str, file: str = _EXPORTS) -> Iterator[Share]:
    """The exports: a path, in quotes when it holds blanks (or as \\040), then its clients."""
    for raw in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = raw.split("#", 1)[0].strip()
        match = re.match(r'"([^"]+)"\s*(.*)|(\S+)\s*(.*)', line)
        if match:
            path, clients = (match[1], match[2]) if match[1] else (match[3], match[4])
            path = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), path)
            anybody = not clients or bool(re.search(r"(?:^|\s)(?:\*|0\.0\.0\.0/0)?\(|(?:^|\s)\*", clients))
            yield Share(path, path, anybody, file)


def shares(examination: Examination, site: Path) -> Iterator[Finding]:
    """Shares that reach the site or a home are a risk; those that lead elsewhere are searched for copies."""
    coverage = examination.coverage(Check.SHARES)
    confidential = [site, *(home.path for home in examination.machine.homes)]
    found, count = False, 0
    for share in _all(examination):
        count += 1
        top = _top(examination, share)
        reached = [] if top is None else [one for one in confidential if _meets(top, one)]
        if reached or top is None:
            found = True
            yield _finding(share)
        else:
            for seen in examination.walker.files(top, coverage):
                if hits := examination.hits(seen, coverage, examination.budget.bounds.file_bytes):
                    found = True
                    yield copy_finding(examination, Check.SHARES, seen, hits)
    if not found and not coverage.unseen:
        what = Phrase(N_("{count} shared folders; none reaches the site or a home"), {"count": count})
        yield Finding(Check.SHARES, Outcome.OK, Severity.NONE, "", what, Phrase("", {}))


def _meets(top: Path, confidential: Path) -> bool:
    """The share holds the confidential folder, or lies within it."""
    one, other = top.resolve(), confidential.resolve()
    return other.is_relative_to(one) or one.is_relative_to(other)


def _top(examination: Examination, share: Share) -> Path | None:
    """Where a share lies; None when it stands for every user's home."""
    if re.search(r"%[HSUu]", share.path):
        return None
    return examination.machine.at(share.path)


def _finding(share: Share) -> Finding:
    what = (
        N_("the shared folder '{name}' ({path}) reaches confidential files, and anybody may open it")
        if share.guests
        else N_("the shared folder '{name}' ({path}) reaches confidential files")
    )
    severity = Severity.HIGH if share.guests else Severity.MEDIUM
    params = {"name": share.name, "path": share.path}
    cure = (
        N_("Take its line out of {file}, then: exportfs -ra")
        if "exports" in share.file
        else N_(
            "Take the share out of {file} (net usershare delete, or the file manager), then: "
            "systemctl restart smbd"
        )
    )
    outcome = Outcome.LEAK if share.guests else Outcome.RISK
    return Finding(
        Check.SHARES, outcome, severity, share.file, Phrase(what, params), Phrase(cure, {"file": share.file})
    )


def _all(examination: Examination) -> Iterator[Share]:
    machine = examination.machine
    for name, read in ((_SMB, smb_shares), (_EXPORTS, nfs_shares)):
        yield from read(_text(examination, machine.at(name)), name)
    for folder in (_USERSHARES, _MORE_EXPORTS):
        try:
            inside = sorted(machine.at(folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            examination.coverage(Check.SHARES).miss("denied")
            continue
        for path in inside:
            shown, text = f"{folder}/{path.name}", _text(examination, path)
            if folder == _MORE_EXPORTS:
                yield from nfs_shares(text, shown) if path.suffix == ".exports" else ()
            elif (share := user_share(text, path.name, shown)) is not None:
                yield share


def _text(examination: Examination, path: Path) -> str:
    try:
        return examination.machine.text_of(path) or ""
    except OSError:
        examination.coverage(Check.SHARES).miss("denied")
        return ""
