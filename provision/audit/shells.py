"""Secrets in the histories of shells: bash, zsh, fish, PowerShell, and of programs that ask for SQL.

What is typed after a command is kept for years in a plain file. A line is shown by number and program only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from provision.audit.examined import FEW, Examination
from provision.audit.known import most
from provision.audit.model import Check, Finding, Outcome, Severity
from provision.audit.walk import content
from provision.audit.words import said
from provision.errors import N_, Phrase

HISTORIES = {
    ".bash_history": "plain", ".sh_history": "plain", ".ash_history": "plain", ".history": "plain",
    ".zsh_history": "zsh", ".zhistory": "zsh", ".histfile": "zsh",
    ".local/share/fish/fish_history": "fish",
    ".config/fish/fish_history": "fish",
    ".local/share/powershell/PSReadLine/ConsoleHost_history.txt": "plain",
    "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt": "plain",
    ".python_history": "plain", ".psql_history": "plain", ".mysql_history": "plain",
    ".sqlite_history": "plain",
}  # fmt: skip
"""Places in a home, and the format."""

_VALUE = r"""(?![\s"']*(?:\$|%|<|`|\*+(?:\s|$)|@?(?:/dev|\.\.?/)))["']?[^\s"']{3,}"""
"""A value that is written out: no variable, no command, no redirection, no file."""
_COMMANDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("7z", rf"\b7z[ar]?\b.*\s-p{_VALUE}"),
        ("unzip", rf"\bunzip\b.*\s-P\s*{_VALUE}"),
        ("zip", rf"\bzip\b.*\s(?:-P|--password[ =])\s*{_VALUE}"),
        ("rar", rf"\b(?:un)?rar\b.*\s-h?p(?!-\s)(?!-$){_VALUE}"),
        ("curl", rf"\bcurl\b.*\s(?:-u|--user)[ =]?\s*[\"']?[^\s:\"']+:{_VALUE}"),
        ("wget", rf"\bwget\b.*--(?:http-|ftp-)?password[= ]{_VALUE}"),
        ("sshpass", rf"\bsshpass\b.*\s-p\s*{_VALUE}"),
        ("mysql", rf"\b(?:mysql|mysqldump|mariadb)\b.*\s-p{_VALUE}"),
        ("net use", rf"(?i)\bnet\s+use\b.*\s/user:\S+\s+{_VALUE}"),
        ("sudo", rf"\becho\s+{_VALUE}\s*\|\s*sudo\b"),
        ("openssl", rf"\bopenssl\b.*\s-(?:k|pass(?:in|out)?\s+pass:)\s*{_VALUE}"),
        ("smb", rf"\b(?:smbclient|mount)\b.*(?:-U\s*\S+%|,?password=){_VALUE}"),
        ("url", r"\b[a-z][a-z0-9+.-]{1,10}://[^\s/:@$]+:(?!\$)[^\s/@$*]{3,}@"),
        ("option", rf"\s--(?:password|passwd|passphrase|pass)[= ]{_VALUE}"),
        ("variable", rf"(?i)(?:^|\s|;)(?:\$env:)?\w*(?:passw(?:or)?d|passphrase|secret)\w*\s*=\s*{_VALUE}"),
        ("securestring", r"(?i)ConvertTo-SecureString\s+(?:-String\s+)?(?!-)[\"'][^\"'$]{3,}"),
    )
)  # fmt: skip
_SAFE = re.compile(r"--(?:password|passphrase)-(?:file|fd|stdin)\b|\bPASSWORD_(?:FILE|STORE)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command line, and the line of the file where it begins, from 1."""

    line: int
    text: str


def entries(data: bytes, form: str) -> Iterator[Entry]:
    """The commands of a history: "plain" (bash's time lines begin with #), "zsh", "fish"."""
    if form == "zsh":
        data = _unmetafied(data)
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        text = line
        if form == "fish":
            if not line.startswith("- cmd: "):
                continue
            text = line[7:].replace("\\n", "\n").replace("\\\\", "\\")
        elif form == "zsh":
            text = re.sub(r"^: \d+:\d+;", "", line)
        elif re.fullmatch(r"#\d{9,}", line):
            continue
        yield Entry(number, text)


def _unmetafied(data: bytes) -> bytes:
    """zsh writes each byte of 0x83…0xa2 and 0 as 0x83 and the byte with bit 5 turned."""
    parts = data.split(b"\x83")
    return parts[0] + b"".join(bytes([part[0] ^ 32]) + part[1:] if part else b"" for part in parts[1:])


def tells(command: str) -> str:
    """The way in which a command line holds a password; "" when it holds none."""
    if _SAFE.search(command):
        return ""
    return next((name for name, pattern in _COMMANDS if pattern.search(command)), "")


def shells(examination: Examination) -> Iterator[Finding]:
    """Every history of every home."""
    coverage = examination.coverage(Check.SHELLS)
    found = False
    for home in examination.machine.homes:
        for name, form in HISTORIES.items():
            seen = examination.file(home.path / name)
            if seen is None:
                continue
            coverage.files += 1
            try:
                data = content(seen.path, FEW)
            except OSError:
                coverage.miss("denied")
                continue
            if seen.size > FEW:
                coverage.miss("big")
            for finding in _of_history(
                examination, PurePosixPath(name).name, examination.shown(seen.path), data, form
            ):
                found = True
                yield finding
    if not found and not coverage.unseen:
        yield Finding(
            Check.SHELLS, Outcome.OK, Severity.NONE, "",
            Phrase(N_("{count} histories read, no password in "
            "them"), {"count": coverage.files}), Phrase("", {}),
        )  # fmt: skip


def _of_history(examination: Examination, name: str, shown: str, data: bytes, form: str) -> Iterator[Finding]:
    for entry in entries(data, form):
        known = most(
            [*examination.known.secrets_in(entry.text.encode()), *examination.known.in_text(entry.text)]
        )
        way = tells(entry.text)
        if not known and not way:
            continue
        what = (
            Phrase(N_("line {line}: {what}"), {"line": entry.line, "what": said(known)})
            if known
            else Phrase(N_("line {line}: a password written out ({way})"), {"line": entry.line, "way": way})
        )
        severity = Severity.HIGH if known else Severity.MEDIUM
        yield Finding(Check.SHELLS, Outcome.LEAK, severity, shown, what, _cure(name, entry.line))


def _cure(name: str, line: int) -> Phrase:
    if name == ".bash_history":
        return Phrase(
            N_(
                "Close other terminals, then: history -d {line}; history -w. Change the password if "
                "it is in use."
            ),
            {"line": line},
        )
    return Phrase(
        N_(
            "Delete line {line} of the file with an editor, with every terminal closed. Change the "
            "password if it is in use."
        ),
        {"line": line},
    )
