"""Leaks, each of a kind of its own: a function plants it and says under which checks it must be found."""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
import tarfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from urllib.parse import quote

import py7zr
import pyzipper

from bench.leaks import formats
from bench.leaks.tree import Materials, Tree


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a leak lies (as the tree's system calls it; "" where a setting leaks), and the checks that may
    name it."""

    kind: str
    place: str
    checks: frozenset[str]


Plant = Callable[[Tree, Materials, Path], tuple[str, str]]
PLANTS: dict[str, Plant] = {}
"""Kind -> what plants it and gives the check and place."""


def plant(kind: str) -> Callable[[Plant], Plant]:
    def keep(function: Plant) -> Plant:
        PLANTS[kind] = function
        return function

    return keep


def _file(tree: Tree, check: str, place: str, content: bytes | str, mode: int = 0o600) -> tuple[str, str]:
    return check, tree.shown(tree.write(place, content, mode))


def _variant(tree: Tree, found: Materials) -> tuple[str, bytes]:
    return tree.rng.choice(sorted(found.variants.items()))


def _some_codes(tree: Tree, found: Materials) -> list[str]:
    return tree.rng.sample(found.codes, tree.rng.randint(8, 30))


def _word(tree: Tree) -> str:
    return tree.rng.choice(["document", "Скан", "новое", "for print", "Без имени 1", "xyz"]) + str(
        tree.rng.randint(2, 99)
    )


@plant("archive in downloads")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    name, data = tree.rng.choice(sorted(found.archives.items()))
    return _file(tree, "copies-downloads", f"~/Загрузки/{name}", data)


@plant("variant in downloads")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-downloads", f"~/Загрузки/{_word(tree)}.bin", _variant(tree, found)[1])


@plant("half a download")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(
        tree, "copies-downloads", f"~/Загрузки/{_word(tree)}.crdownload", found.cipher_file + b"\0" * 900
    )


@plant("cipher on the desktop")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(
        tree, "copies-desktop", f"~/Рабочий стол/{_word(tree)}.txt", f"не забыть!! {found.cipher}.\n"
    )


@plant("codes on the desktop")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-desktop", f"~/Рабочий стол/{_word(tree)}", found.codes_file)


@plant("codes as csv")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    lines = "\r\n".join(f"{n};{code}" for n, code in enumerate(_some_codes(tree, found), 1))
    return _file(tree, "copies-documents", f"~/Документы/7А/{_word(tree)}.csv", lines.encode("cp1251"))


@plant("codes typed into a text document")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    made = formats.docx(*[(code,) for code in _some_codes(tree, found)])
    return _file(tree, "copies-documents", f"~/Документы/{_word(tree)}.docx", made)


@plant("codes in an old workbook")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    codes = [code for code in found.codes if code[0] != "0"]
    return _file(tree, "copies-home", f"~/{_word(tree)}.xls", formats.xls(tree.rng.sample(codes, 12)))


@plant("a pupil's code beside the name")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    line = f"звонили родители\n{found.pupil} — {tree.rng.choice(found.codes)}\n"
    return _file(tree, "copies-desktop", "~/Рабочий стол/заметки.txt", line)


@plant("variant saved anew")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    data = formats.pages(_variant(tree, found)[1], 1, 5)
    return _file(tree, "copies-home", f"~/всякое/{_word(tree)}.pdf", data)


@plant("variant in /tmp")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(
        tree, "copies-temporary", f"/tmp/tmp{tree.rng.randrange(16**6):06x}/1", _variant(tree, found)[1]
    )


@plant("variants in an open zip")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    made = formats.zipped({f"{n}.pdf": data for n, data in enumerate(found.variants.values())})
    return _file(tree, "copies-temporary", "/var/tmp/out.dat", made)


@plant("cipher in the trash")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    tree.write("~/.local/share/Trash/info/a.txt.trashinfo", formats.trashinfo(f"/home/{tree.user}/a.txt"))
    return _file(tree, "copies-trash", "~/.local/share/Trash/files/a.txt", found.cipher_file)


@plant("folder in the trash")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-trash", "~/.local/share/Trash/files/ВПР/2/в.pdf", _variant(tree, found)[1])


@plant("Windows recycle bin")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-trash", "/$Recycle.Bin/S-1-5-21/$RABCDEF.pdf", _variant(tree, found)[1])


@plant("archive in a received mail")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    data = tree.rng.choice(sorted(found.archives.values()))
    made = formats.mbox(
        formats.mail("привет", "текст"), formats.mail("задания", "во вложении", data, "1.zip")
    )
    return _file(tree, "copies-mail", "~/.thunderbird/ab12.default/Mail/Local Folders/Inbox", made)


@plant("cipher in a sent mail")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    made = formats.mbox(formats.mail("шифр", f'Коллеги, вот:\n"{found.cipher}"\nУдачи'))
    return _file(tree, "copies-mail", "~/.thunderbird/ab12.default/ImapMail/imap.example/Sent", made)


@plant("codes in a mail of the system")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    message = formats.mail("коды", "\n".join(_some_codes(tree, found)))
    return _file(tree, "copies-mail", f"/var/mail/{tree.user}", formats.mbox(message))


@plant("variant received in Telegram")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    name, data = _variant(tree, found)
    return _file(tree, "copies-messengers", f"~/Загрузки/Telegram Desktop/{name}", data)


@plant("cipher in WhatsApp's database")
def _(tree: Tree, found: Materials, work: Path) -> tuple[str, str]:
    file = work / "w.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE message (id INTEGER, text TEXT)")
        database.execute("INSERT INTO message VALUES (1, ?)", (f"пароль {found.cipher} никому",))
    database.close()
    data = file.read_bytes()
    file.unlink()
    return _file(tree, "copies-messengers", "~/.local/share/whatsapp-for-linux/messages.db", data)


@plant("cipher cut in runs in Viber")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    at = tree.rng.randrange(3, len(found.cipher) - 3)
    made = formats.docx(("Шифр: ", found.cipher[:at], found.cipher[at:], " — до 8:00"))
    return _file(tree, "copies-messengers", "~/Documents/ViberDownloads/f.docx", made)


@plant("codes in a cloud folder")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-cloud", "~/Яндекс.Диск/школа/список.xlsx", found.codes_file)


@plant("open 7z in OneDrive")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as target:
        target.writestr(_variant(tree, found)[1], "a.pdf")
    return _file(tree, "copies-cloud", "~/OneDrive - Школа № 12/x.7z", out.getvalue())


@plant("variant in a browser's cache")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    data = b"\x30\x5c\x72\xa7\x1b\x6d\xfb\xfc" + b"k" * 61 + _variant(tree, found)[1] + b"meta" * 40
    return _file(tree, "copies-caches", "~/.cache/google-chrome/Default/Cache/Cache_Data/f_00001a", data)


@plant("variant in Firefox's cache")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    data = _variant(tree, found)[1] + b"\0\0\x12https://example/1.pdf\0"
    return _file(tree, "copies-caches", "~/.cache/mozilla/firefox/x.default/cache2/entries/ABCDEF01", data)


@plant("LibreOffice's backup")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    made = formats.odt(_some_codes(tree, found))
    return _file(tree, "copies-office", "~/.config/libreoffice/4/user/backup/Без имени 1.odt_0.odt", made)


@plant("cipher in the clipboard's history")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    data = b"\0\0\0\x06string" + f"до {found.cipher} после".encode("utf-16-le") + b"\xff" * 7
    return _file(tree, "copies-clipboard", "~/.local/share/klipper/history2.lst", data)


@plant("USB stick")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-removable", f"/media/{tree.user}/KINGSTON/1.pdf", _variant(tree, found)[1])


@plant("backup that all can read")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as target:
        for name, data in {"etc/hosts": b"127.0.0.1", **found.archives}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            target.addfile(entry, io.BytesIO(data))
    return _file(tree, "copies-backups", "/var/backups/school.tar.gz", out.getvalue(), 0o644)


@plant("packed anew with the same cipher")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as target:
        target.setpassword(found.cipher.encode())
        target.writestr("копия.pdf", _variant(tree, found)[1])
    return _file(tree, "copies-backups", "~/Резервные копии/a.zip", out.getvalue())


@plant("variant on a web server")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-public", "/var/www/html/files/1.pdf", _variant(tree, found)[1], 0o644)


@plant("kit in the spool")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    data = formats.pages(_variant(tree, found)[1], 0, 6)
    return _file(tree, "copies-spool", f"/var/spool/cups/d{tree.rng.randrange(99999):05d}-001", data)


@plant("list of participants")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-documents", "~/Документы/участники (копия).xlsx", found.participants)


@plant("cipher as a file's name")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "copies-desktop", f"~/Рабочий стол/{found.cipher}.txt", "")


@plant("download of Chrome elsewhere")
def _(tree: Tree, found: Materials, work: Path) -> tuple[str, str]:
    path = tree.shown(tree.write("/opt/d/1", _variant(tree, found)[1]))
    tree.write("~/.config/google-chrome/Default/History", formats.chrome([(path, 5, time.time())], work))
    return "trace-browsers", path


@plant("download of Firefox that is gone")
def _(tree: Tree, found: Materials, work: Path) -> tuple[str, str]:
    name, data = tree.rng.choice(sorted(found.downloads.items()))
    places, log = formats.firefox([(f"/home/{tree.user}/Загрузки/утро/{name}", len(data), time.time())], work)
    profile = "~/.mozilla/firefox/ab12.default-release"
    tree.write(f"{profile}/places.sqlite-wal", log)
    return _file(tree, "trace-browsers", f"{profile}/places.sqlite", places)


@plant("recent file that is gone")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    name = _variant(tree, found)[0]
    at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return _file(
        tree, "trace-recent", "~/.local/share/recently-used.xbel", formats.xbel(f"/mnt/u/{name}", at)
    )


@plant("recent file of LibreOffice")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    path = tree.shown(tree.write("/opt/архив/лист 1.xlsx", found.codes_file))
    tree.write("~/.config/libreoffice/4/user/registrymodifications.xcu", formats.registry(path))
    return "trace-recent", path


@plant("recent file of Windows")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    name = _variant(tree, found)[0]
    made = formats.lnk(f"E:\\{name}", 5, time.time())
    return _file(tree, "trace-recent", "~/AppData/Roaming/Microsoft/Windows/Recent/x.lnk", made)


@plant("thumbnail")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    uri = f"file:///home/{tree.user}/" + quote(_variant(tree, found)[0])
    name = md5(uri.encode()).hexdigest()
    return _file(
        tree, "trace-thumbnails", f"~/.cache/thumbnails/large/{name}.png", formats.png(uri, int(time.time()))
    )


@plant("lock file of a document")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    name = _variant(tree, found)[0]
    return _file(
        tree, "trace-locks", f"~/Документы/.~lock.{name}#", f",{tree.user},pc1,15.04.2027 07:10,file:///;"
    )


@plant("cipher in bash's history")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(
        tree, "shell-history", "~/.bash_history", f"ls\n#1744691000\n7z x a.zip -p{found.cipher}\nexit\n"
    )


@plant("password in zsh's history")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    line = f": 1744691000:0;curl -u sch{tree.rng.randrange(999999)}:Qw3rty{tree.rng.randrange(99)} https://example/\n"
    metafied = b"".join(
        bytes([0x83, b ^ 32]) if b == 0 or 0x83 <= b <= 0xA2 else bytes([b])
        for b in ("# тест\n" + line).encode()
    )
    return _file(tree, "shell-history", "~/.zsh_history", metafied)


@plant("code in fish's history")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    line = f"- cmd: echo код участника {tree.rng.choice(found.codes)}\n  when: 1744691000\n"
    return _file(tree, "shell-history", "~/.local/share/fish/fish_history", "- cmd: ls\n  when: 1\n" + line)


@plant("password in PowerShell's history")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    place = "~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"
    return _file(tree, "shell-history", place, "dir\r\nnet use \\\\srv\\vpr /user:admin Zima2027\r\n")


@plant("SSH key without a passphrase")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "ssh-keys", "~/.ssh/id_ed25519", found.keys["open"])


@plant("PEM key without a passphrase")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "ssh-keys", "~/.ssh/lab", found.keys[tree.rng.choice(["pem", "pkcs8"])])


@plant("key that all can read")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "ssh-keys", "~/.ssh/id_rsa", found.keys["closed"], 0o644)


@plant("print server keeps papers")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    conf = tree.root / "etc/cups/cupsd.conf"
    kept = tree.rng.choice(["", "PreserveJobFiles 12h\n", "PreserveJobFiles Yes\n", "#PreserveJobFiles No\n"])
    conf.write_text(conf.read_text().replace("PreserveJobFiles No\n", kept))
    return "spool-settings", "/etc/cups/cupsd.conf"


@plant("print server for everybody")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    conf = tree.root / "etc/cups/cupsd.conf"
    listen = tree.rng.choice(["Port 631", "Listen *:631", "Listen 0.0.0.0:631", "Listen 192.168.1.5:631"])
    conf.write_text(conf.read_text().replace("Listen localhost:631", listen))
    return "printer-sharing", "/etc/cups/cupsd.conf"


@plant("Samba shares the home")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    share = tree.rng.choice(
        [
            f"path = /home/{tree.user}\nguest ok = yes",
            "path=/home",
            "Path = /",
            f"path = /home/{tree.user}/vpr",
        ]
    )
    conf = tree.root / "etc/samba/smb.conf"
    conf.write_text(f"{conf.read_text()}[obmen]\n  {share}\n")
    return "shares", "/etc/samba/smb.conf"


@plant("a person's own share")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    text = f"#VERSION 2\npath=/home/{tree.user}/Загрузки\nusershare_acl=S-1-1-0:R,\nguest_ok=y\nsharename=x\n"
    return _file(tree, "shares", "/var/lib/samba/usershares/x", text)


@plant("NFS exports the homes")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    return _file(tree, "shares", "/etc/exports.d/a.exports", "/home 192.168.1.0/24(ro,no_subtree_check)\n")


@plant("copy in a shared folder")
def _(tree: Tree, found: Materials, _work: Path) -> tuple[str, str]:
    conf = tree.root / "etc/samba/smb.conf"
    conf.write_text(f"{conf.read_text()}[public]\n  path = /data/obmen\n")
    return _file(tree, "shares", "/data/obmen/9/1.pdf", _variant(tree, found)[1])


@plant("swap in plain")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    swaps = tree.root / "proc/swaps"
    if tree.rng.random() < 0.5:
        swaps.write_text(swaps.read_text() + "/dev/sda3\tpartition\t2097148\t0\t-3\n")
        tree.write("/sys/class/block/sda3/size", "1")
        return "swap hibernation", "/dev/sda3"
    swaps.write_text(swaps.read_text() + "/swap\\040file\tfile\t2097148\t0\t-3\n")
    tree.write(
        "/proc/self/mountinfo", "22 1 8:2 / / rw - ext4 /dev/sda2 rw\n23 22 0:5 / /proc rw - proc proc rw\n"
    )
    tree.write("/sys/class/block/sda2/size", "1")
    return "swap hibernation", "/swap file"


@plant("site open to others")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    tree.site.chmod(0o755)
    tree.write(tree.site.relative_to(tree.root) / "inbox/a.txt", "x", 0o644)
    return "site-modes", ""


@plant("record changed")
def _(tree: Tree, _found: Materials, _work: Path) -> tuple[str, str]:
    with sqlite3.connect(tree.site / ".provision/ledger.sqlite3") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE event SET body = replace(body, 'specialist', 'deputy')")
    database.close()
    return "ledger", ""


def plant_leaks(tree: Tree, found: Materials, work: Path, kinds: Sequence[str]) -> list[Planted]:
    """Plant leaks of these kinds."""
    planted = []
    for kind in kinds:
        check, place = PLANTS[kind](tree, found, work)
        planted.append(Planted(kind, place, frozenset(check.split())))
    return planted
