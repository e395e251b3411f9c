"""A computer's disk in a folder, well kept: what an audit must call clean."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from provision.example.build import CIPHERS
from provision.intake.archive import read
from provision.intake.codes import read_codes
from provision.ledger import Draft, Ledger
from provision.secret import Secret
from provision.site.site import Site

USERS = ("ivanova", "uchitel", "admin")


@dataclass(frozen=True, slots=True)
class Materials:
    """What leaks: of one school, read once."""

    archives: dict[str, bytes]
    variants: dict[str, bytes]
    cipher: str
    cipher_file: bytes
    codes: tuple[str, ...]
    codes_file: bytes
    participants: bytes
    pupil: str
    downloads: dict[str, bytes]
    keys: dict[str, bytes] = field(repr=False)


def materials(site: Site, work: Path) -> Materials:
    """Of the example school; ``work`` is an empty folder for making keys."""
    zips = {path.name: path.read_bytes() for path in sorted(site.inbox.glob("*.zip"))}
    cipher = CIPHERS["Математика"]
    found: dict[str, bytes] = {}
    for path in sorted(site.inbox.glob("*.zip")):
        for word in CIPHERS.values():
            try:
                found.update(read(path, Secret(word)))
            except Exception:  # noqa: BLE001 - the other archive's cipher
                continue
    table = next(iter(site.inbox.glob("*.xlsx")))
    notes = [path.read_bytes() for path in sorted(site.inbox.glob("*.txt"))]
    return Materials(
        archives=zips,
        variants=found,
        cipher=cipher,
        cipher_file=next(note for note in notes if cipher.encode() in note),
        codes=tuple(entry.code for entry in read_codes(table, r"\d{5}").entries),
        codes_file=table.read_bytes(),
        participants=site.roster_file.read_bytes(),
        pupil=site.roster.participants[3].name.reveal(),
        downloads=zips,
        keys=_keys(work),
    )


def _keys(work: Path) -> dict[str, bytes]:
    """Real keys of ssh-keygen: open and closed, in both formats."""
    kinds = {
        "open": ("-t", "ed25519", "-N", ""),
        "closed": ("-t", "ed25519", "-N", "a long passphrase"),
        "pem": ("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""),
        "closed-pem": ("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "a long passphrase"),
        "pkcs8": ("-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", ""),
    }
    for name, words in kinds.items():
        subprocess.run(["ssh-keygen", "-q", "-C", "", "-f", str(work / name), *words], check=True)
    return {name: (work / name).read_bytes() for name in kinds}


@dataclass(slots=True)
class Tree:
    """The disk; ``user`` is the one who leaks in this tree, ``site`` the school's folder in a home of it."""

    root: Path
    rng: random.Random
    user: str
    site: Path

    @property
    def home(self) -> Path:
        """Of the user."""
        return self.root / "home" / self.user

    def write(self, place: str | Path, content: bytes | str, mode: int = 0o600) -> Path:
        """A file, with its folders; ``place`` begins with ~/ for the user's home."""
        text = str(place)
        path = self.home / text[2:] if text.startswith("~/") else self.root / text.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def shown(self, path: Path) -> str:
        """As the system of the tree calls it."""
        return "/" + str(path.relative_to(self.root))


def clean_tree(root: Path, seed: int) -> Tree:
    """A well-kept computer."""
    rng = random.Random(seed)
    tree = Tree(root, rng, rng.choice(USERS), root)
    lines = ["root:x:0:0:root:/root:/bin/bash", "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin"]
    for number, user in enumerate(USERS):
        lines.append(f"{user}:x:{1000 + number}:{1000 + number}::/home/{user}:/bin/bash")
        for folder in ("Загрузки", "Рабочий стол", "Документы", ".config", ".ssh"):
            (root / "home" / user / folder).mkdir(parents=True)
    tree.site = tree.home / "vpr"
    tree.write("/etc/passwd", "\n".join(lines) + "\n", 0o644)
    dirs = 'XDG_DOWNLOAD_DIR="$HOME/Загрузки"\nXDG_DESKTOP_DIR="$HOME/Рабочий стол"\nXDG_MUSIC_DIR="$HOME/"\n'
    tree.write("~/.config/user-dirs.dirs", dirs)
    tree.write(
        "/etc/cups/cupsd.conf",
        "Listen localhost:631\nListen /run/cups/cups.sock\nBrowsing No\nPreserveJobFiles No\n",
    )
    tree.write("/etc/cups/printers.conf", "<Printer a>\nShared No\n</Printer>\n")
    tree.write(
        "/etc/samba/smb.conf",
        "[global]\nworkgroup = SCHOOL\n[printers]\npath = /var/spool/samba\n;[all]\n;path = /\n",
    )
    tree.write("/etc/exports", "# /home *(rw)\n")
    tree.write(
        "/proc/swaps",
        "Filename\tType\tSize\tUsed\tPriority\n/dev/dm-1\tpartition\t4194300\t0\t-2\n/dev/zram0\tpartition\t8388604\t0\t100\n",
    )
    tree.write("/sys/class/block/dm-1/dm/uuid", "LVM-abcdef\n")
    tree.write("/sys/class/block/dm-1/slaves/dm-0/x", "")
    tree.write("/sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123456789abcdef-luks\n")
    tree.write("/sys/power/state", "freeze mem disk\n")
    tree.write("/sys/power/disk", "[platform] shutdown reboot\n")
    tree.write("/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/mapper/root ro quiet\n")
    tree.site.mkdir(mode=0o700)
    (tree.site / ".provision").mkdir(mode=0o700)
    ledger = Ledger(tree.site / ".provision")
    ledger.append(
        Draft("vault-opened", "vault", {"role": "specialist", "way": "passphrase", "who": tree.user})
    )
    ledger.close()
    return tree
