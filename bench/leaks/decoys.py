"""Harmless things that look like leaks: an audit that names one of them cries wolf."""

from __future__ import annotations

import io
import tarfile
import time
from pathlib import Path

import pypdfium2
import pyzipper
from reportlab.pdfgen.canvas import Canvas

from bench.leaks import formats
from bench.leaks.tree import Materials, Tree
from printing.documents.type import Face

_SHELL = """ls -la
unzip -p a.zip | head
7z x photos.7z
mkdir -p ~/x/y
ssh -p 22 lab
cp -p a b
export PGPASSWORD=$(pass show db)
curl -u "$USER:$TOKEN" https://example/
mysql -p school
echo $PASSWORD | sudo -S true
gpg --passphrase-fd 0 -d x
restic --password-file /etc/restic.pw backup
git clone https://user@example/repo.git
chmod 600 id
echo позвонить по номеру 123456
sshpass -f /run/pw ssh lab
openssl enc -k $KEY -in a
rar x a.rar -p-
"""


def another_years_codes(found: Materials, tree: Tree, count: int) -> list[str]:
    """Codes like ours, none of them ours."""
    ours = set(found.codes)
    drawn = (f"{tree.rng.randrange(100000):05d}" for _ in range(10 * count))
    return [code for code in dict.fromkeys(drawn) if code not in ours][:count]


def pdf(lines: list[str]) -> bytes:
    """A document of text."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for start in range(0, len(lines), 45):
        canvas.setFont(Face.SANS, 11)
        for row, line in enumerate(lines[start : start + 45]):
            canvas.drawString(60, 790 - 16 * row, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def plant_decoys(tree: Tree, found: Materials, work: Path) -> int:
    """Plant them all; returns how many."""
    rng, code = tree.rng, found.codes[0]
    others = another_years_codes(found, tree, 60)
    shared = _shared_lines(found)
    tasks = [
        f"Задание {n}. Вычислите {rng.randrange(99)} + {rng.randrange(99)} и запишите ответ."
        for n in range(1, 40)
    ]
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as target:
        entry = tarfile.TarInfo("etc/fstab")
        entry.size = 6
        target.addfile(entry, io.BytesIO(b"# root"))
    sealed = io.BytesIO()
    with pyzipper.AESZipFile(sealed, "w", encryption=pyzipper.WZ_AES) as target:
        target.setpassword(b"another word 77")
        target.writestr("photo.jpg", b"\xff\xd8\xff")
    private, home = "zima-2026-Nb", f"/home/{tree.user}"
    phones = "\n".join(f"8 (495) {rng.randrange(100, 999)}-{n:02d}-{n + 7:02d}" for n in range(40))
    prices = "\n".join(f"Бумага, арт. {a}, {rng.randrange(200, 900)} руб." for a in [*others, code])
    files: dict[str, bytes | str] = {
        "~/Загрузки/5d1f0c2e.zip": formats.zipped({"photo.jpg": b"\xff\xd8\xff" * 99}),
        "~/Загрузки/коды участников 2026.csv": "\n".join(f"{n};{one}" for n, one in enumerate(others)),
        "~/Документы/коды 2025.xls": formats.xls([one for one in others if one[0] != "0"]),
        "~/Документы/телефоны.txt": phones,
        "~/Документы/прайс.txt": prices,
        "~/Рабочий стол/шесть цифр.txt": "\n".join(f"1{one} {one}7" for one in found.codes),
        "~/Документы/суммы.csv": "\n".join(f"счёт;{one},50;{one}.25" for one in found.codes),
        "~/Документы/подтверждение.txt": f"Код подтверждения {code}. Никому не сообщайте.",
        "~/Загрузки/вариант 1 (прошлый год).pdf": pdf([*shared, *tasks]),
        "~/Загрузки/Математика 7 класс вариант 1.pdf": pdf([*shared, *tasks[::-1]]),
        "~/Документы/Инструкция ВПР.docx": formats.docx(*[(line,) for line in shared]),
        "~/Документы/класс 7А.docx": formats.docx(("Список класса",), (found.pupil,)),
        "~/Рабочий стол/шифр.txt": f"Шифр: {found.cipher[::-1]}\n",
        "~/Рабочий стол/пароль от вайфая.txt": "Пароль: Shkola-12-guest",
        "~/.local/share/Trash/files/old.pdf": pdf(tasks),
        "~/.local/share/Trash/info/old.pdf.trashinfo": formats.trashinfo("/srv/old.pdf"),
        "~/.thunderbird/ab12.default/Mail/Local Folders/Inbox": formats.mbox(
            formats.mail("ВПР", "Шифр будет завтра в 7:30", formats.zipped({"a.txt": b"1"}), "вариант.zip"),
            formats.mail("коды прошлого года", "\n".join(others)),
        ),
        "~/Загрузки/Telegram Desktop/вариант 1.pdf": pdf(tasks),
        "~/Яндекс.Диск/коды.csv": "\n".join(others),
        "~/.cache/google-chrome/Default/Cache/Cache_Data/f_000001": b"\x30\x5c\x72\xa7" + pdf(tasks),
        "/media/usb/KINGSTON/вариант.pdf": pdf(tasks[5:]),
        "/tmp/vpr/1.pdf": pdf(shared),
        "~/.local/share/klipper/history2.lst": b"\0\0\0\x06string" + private.encode("utf-16-le"),
        "~/.bash_history": _SHELL,
        "~/.zsh_history": b": 1744691000:0;echo \x83\xb0\n: 1744691001:0;ssh lab\n",
        "~/.local/share/fish/fish_history": "- cmd: unzip -p a.zip\n  when: 1\n- cmd: echo код 12\n",
        "~/.ssh/id_ed25519": found.keys["closed"],
        "~/.ssh/old": found.keys["closed-pem"],
        "~/.ssh/known_hosts": "lab ssh-ed25519 AAAA\n",
        "~/.ssh/id_ed25519.pub": "ssh-ed25519 AAAA x\n",
        "~/.local/share/recently-used.xbel": formats.xbel(f"{home}/Документы/прайс.txt", "2027-04-14T10:00Z"),
        "~/.config/libreoffice/4/user/registrymodifications.xcu": formats.registry("/srv/x/вариант.odt"),
        "~/.cache/thumbnails/normal/0.png": formats.png("file:///srv/x/вариант 1.pdf", 1),
        "~/.config/google-chrome/Default/History": formats.chrome(
            [("/srv/5d1f0c2e.zip", 77, time.time()), (f"{home}/Загрузки/5d1f0c2e.zip", 9, time.time())], work
        ),
        "~/.local/share/old.xbel": formats.xbel("/srv/a", "2025-04-14T10:00:00Z"),
        "~/Документы/.~lock.прайс.txt#": ",u,pc,15.04.2027 07:10,file:///;",
        "/etc/exports.d/music.exports": '"/srv/my music" *(ro)\n/opt/distr 10.0.0.0/8(ro)\n',
        "/var/lib/samba/usershares/music": "path=/srv/my music\nguest_ok=y\n",
        "/srv/my music/a.mp3": b"ID3" + rng.randbytes(5000),
    }  # fmt: skip
    for place, content in files.items():
        tree.write(place, content)
    tree.write("/var/backups/etc.tar.gz", tar.getvalue(), 0o644)
    (tree.home / "Загрузки/ссылка.zip").symlink_to(tree.site / "inbox")
    hidden = tree.write("/elsewhere/1.pdf", next(iter(found.variants.values())))
    (tree.home / "Загрузки/наружу").symlink_to(hidden.parent)
    for name, content in found.archives.items():  # where they belong
        tree.write(tree.site.relative_to(tree.root) / "inbox" / name, content)
    return len(files) + 3


def _shared_lines(found: Materials) -> list[str]:
    """What all variants of mathematics say alike: the same every year."""
    texts = []
    for name, data in sorted(found.variants.items()):
        if name.startswith("Мат"):
            document = pypdfium2.PdfDocument(data)
            texts.append(
                [line for page in document for line in page.get_textpage().get_text_bounded().splitlines()]
            )
            document.close()
    return [line.strip() for line in texts[0] if line in set(texts[1])]
