"""Where copies come to lie: folders of a home and of the system, by what puts files there.

Names of programs' folders are those of their current versions on Linux and Windows; snap and flatpak keep the
same below folders of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provision.audit.machine import Home, Machine
from provision.audit.model import Check

_ROAMING, _LOCAL = "AppData/Roaming", "AppData/Local"

IN_HOME: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (
        Check.MESSENGERS,
        (
            "Downloads/Telegram Desktop", "Загрузки/Telegram Desktop", "Documents/ViberDownloads",
            "Документы/ViberDownloads", ".local/share/TelegramDesktop", ".ViberPC",
            ".local/share/whatsapp-for-linux", ".local/share/whatsapp-desktop-linux", ".config/WhatsApp",
            ".config/whatsdesk", ".config/discord", ".config/Signal", ".config/VK", ".config/VK Messenger",
            ".config/MAX", ".local/share/MAX", ".config/ICQ", "snap/telegram-desktop", "snap/whatsdesk",
            ".var/app/org.telegram.desktop", ".var/app/com.github.eneshecan.WhatsAppForLinux",
            f"{_ROAMING}/Telegram Desktop", f"{_ROAMING}/ViberPC",
            f"{_LOCAL}/Packages/5319275A.WhatsAppDesktop_cv1g1gvanyjgm",
        ),
    ),
    (
        Check.MAIL,
        (
            ".thunderbird", ".mozilla-thunderbird", ".icedove", "snap/thunderbird",
            ".var/app/org.mozilla.Thunderbird", ".local/share/evolution", ".cache/evolution", "Mail",
            "mail", "Maildir", ".mail", "mbox", ".local/share/local-mail", ".claws-mail", ".sylpheed-2.0",
            f"{_ROAMING}/Thunderbird", f"{_LOCAL}/Microsoft/Outlook", "Documents/Outlook Files",
            "Documents/Файлы Outlook", "Документы/Файлы Outlook",
        ),
    ),
    (Check.TRASH, (".local/share/Trash",)),
    (
        Check.CLOUD,
        (
            "Dropbox", "Яндекс.Диск", "Yandex.Disk", "YandexDisk", "OneDrive", "Google Drive",
            "GoogleDrive", "Google Диск", "Nextcloud", "ownCloud", "MEGA", "Облако Mail.ru",
            "Mail.ru Cloud", "Sync", "iCloudDrive",
        ),
    ),
    (
        Check.OFFICE,
        (
            ".config/libreoffice", ".var/app/org.libreoffice.LibreOffice/config/libreoffice",
            ".config/onlyoffice", ".local/share/onlyoffice", f"{_ROAMING}/LibreOffice",
            f"{_ROAMING}/Microsoft/Word", f"{_ROAMING}/Microsoft/Excel",
            f"{_LOCAL}/Microsoft/Office/UnsavedFiles", ".kingsoft/office6/data/backup",
        ),
    ),
    (
        Check.CLIPBOARD,
        (
            ".local/share/klipper", ".cache/gpaste", ".local/share/gpaste", ".config/copyq",
            ".local/share/copyq", ".cache/clipboard-indicator@tudmotu.com", ".local/share/clipit",
            ".cache/xfce4/clipman", ".cache/cliphist",
        ),
    ),
    (
        Check.BACKUPS,
        (
            "backup", "backups", "Backup", "Backups", "Резервные копии", "Резервная копия", "бэкап",
            ".local/share/deja-dup",
        ),
    ),
    (Check.TEMPORARY, ("tmp", ".tmp", f"{_LOCAL}/Temp")),
    (Check.DESKTOP, ("Desktop", "Рабочий стол")),
    (Check.DOWNLOADS, ("Downloads", "Загрузки", "download")),
    (Check.PUBLIC, ("public_html", "Public", "Общедоступные")),
    (Check.DOCUMENTS, ("Documents", "Документы", "Pictures", "Изображения", "Templates", "Шаблоны")),
    (
        Check.CACHES,
        (
            ".cache/mozilla", ".cache/chromium", ".cache/google-chrome", ".cache/yandex-browser",
            ".cache/yandex-browser-beta", ".cache/opera", ".cache/microsoft-edge", ".cache/BraveSoftware",
            ".mozilla", ".config/chromium", ".config/google-chrome", ".config/yandex-browser",
            ".config/microsoft-edge", ".config/opera", "snap/firefox", "snap/chromium", ".cache",
            f"{_LOCAL}/Google/Chrome/User Data", f"{_LOCAL}/Yandex/YandexBrowser/User Data",
            f"{_LOCAL}/Microsoft/Edge/User Data", f"{_ROAMING}/Mozilla/Firefox",
            f"{_LOCAL}/Mozilla/Firefox",
        ),
    ),
)  # fmt: skip
"""In the order in which they are walked: a folder within another one comes first."""

IN_SYSTEM: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (
        Check.SPOOL,
        ("/var/spool/cups", "/var/spool/samba", "/var/spool/lpd", "/Windows/System32/spool/PRINTERS"),
    ),
    (Check.MAIL, ("/var/mail", "/var/spool/mail")),
    (Check.TEMPORARY, ("/tmp", "/var/tmp", "/dev/shm", "/Windows/Temp")),  # noqa: S108 - looked into, not used
    (Check.BACKUPS, ("/var/backups", "/backup", "/backups", "/srv/backup", "/srv/backups", "/opt/backup")),
    (Check.PUBLIC, ("/var/www", "/srv", "/usr/share/nginx/html")),
    (Check.TRASH, ("/$Recycle.Bin",)),
    (Check.REMOVABLE, ("/media", "/run/media", "/mnt")),
)

_XDG = {
    "XDG_DOWNLOAD_DIR": Check.DOWNLOADS,
    "XDG_DESKTOP_DIR": Check.DESKTOP,
    "XDG_DOCUMENTS_DIR": Check.DOCUMENTS,
    "XDG_PUBLICSHARE_DIR": Check.PUBLIC,
}
_XDG_LINE = re.compile(r'^\s*(XDG_\w+_DIR)="\$HOME/(.+?)/?"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder (or file) that is read, and as what."""

    check: Check
    top: Path


def places(machine: Machine) -> Iterator[Place]:
    """All places, those with a name before the rest of the homes."""
    for check, names in IN_SYSTEM:
        for name in names:
            yield Place(check, machine.at(name))
    for home in machine.homes:
        yield from _in_home(machine, home)
    for home in machine.homes:
        yield Place(Check.HOME, home.path)


def _in_home(machine: Machine, home: Home) -> Iterator[Place]:
    for check, names in IN_HOME:
        for name in names:
            yield Place(check, home.path / name)
        if check is Check.CLOUD:  # OneDrive's folders carry the school's name
            yield from (Place(check, path) for path in sorted(home.path.glob("OneDrive*")))
    for check, path in _said(machine, home):
        yield Place(check, path)


def _said(machine: Machine, home: Home) -> Iterator[tuple[Check, Path]]:
    """What the desktop calls its folders (user-dirs.dirs); a line that means the home itself is ignored."""
    try:
        text = machine.text_of(home.path / ".config/user-dirs.dirs") or ""
    except OSError:
        return
    for name, folder in _XDG_LINE.findall(text):
        if name in _XDG and ".." not in folder.split("/"):
            yield _XDG[name], home.path / folder
