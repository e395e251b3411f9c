from __future__ import annotations

import hashlib
import io
import logging
import resource
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest

from provision.intake.catalog import FILES, catalogue, open_tasks
from provision.intake.errors import CipherNeeded, CipherRefused, InboxRefused, TasksMissing
from provision.intake.model import Arrival, Catalog, Kind
from provision.secret import Secret
from provision.site.model import Inventory
from tests.unit.provision.intake import builders as make
from tests.unit.provision.intake.test_codes import pdf, xls, xlsx

MA, RU = "Канарейка-МА7", "Канарейка-RU7"


def inventory(*exams: tuple[str, str, str, int]) -> Inventory:
    wanted = exams or (
        ("ma-7a", "Математика", "7А", 1),
        ("ma-7b", "Математика", "7Б", 1),
        ("ru-7a", "Русский язык", "7А", 1),
        ("en-8a", "Иностранный язык (английский)", "8А", 1),
    )
    return Inventory.model_validate(
        {
            "school": {"name": "Школа"},
            "printers": [{"name": "p", "queue": "folder:out"}],
            "rooms": [{"number": "204", "rows": 5, "columns": 3}],
            "exams": [
                {
                    "id": key,
                    "subject": subject,
                    "class": class_name,
                    "date": "2026-04-14",
                    "start": "09:00",
                    "rooms": ["204"],
                    "part": part,
                }
                for key, subject, class_name, part in wanted
            ],
        }
    )


def document(*paragraphs: str, table: Sequence[str] = ()) -> bytes:
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    if table:
        cells = made.add_table(rows=2, cols=len(table)).rows[0].cells
        for cell, text in zip(cells, table, strict=True):
            cell.text = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def fill(inbox: Path, files: dict[str, bytes]) -> Path:
    inbox.mkdir(exist_ok=True)
    for name, content in files.items():
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(content)
    return inbox


def one(catalog: Catalog, name: str) -> Arrival:
    return next(arrival for arrival in catalog.arrivals if arrival.path.name == name)


def named(prefix: str, count: int = 2) -> dict[str, bytes]:
    return {f"{prefix}{n}.pdf": f"%PDF-1.4 {prefix}{n}".encode() for n in range(1, count + 1)}


WHOLE = {
    "download": make.zip_aes(named("МА7/Вариант "), MA.encode(), cp866=True),
    "RU7 (1).tmp1": make.seven(named("variant-"), RU, hidden=True),
    "шифр.txt": f"МА7 - {MA}\r\nРУ7 - {RU}\r\n".encode("cp1251"),
    "list.bin": xlsx([["№", "Код участника", "Класс"], [1, "00001", "7А"], [2, "12345", "7Б"]]),
    "grid": pdf([["Английский язык, 8А", "", ""], ["10001", "10002", "10003"], ["10004", "10005", "10006"]]),
    "1.docx": document("Текст инструктажа, зачитываемый организатором", "Дорогие ребята! Сегодня …"),
    "2.docx": document(
        "Протокол проведения", "Русский язык, 7 класс", table=["№", "Код участника", "Вариант"]
    ),
    "3.pdf": pdf([["Инструкция для технического специалиста"]], column=150),
    "4.docx": document("Система оценивания проверочной работы по математике. 7 класс"),
}


def test_a_whole_inbox_is_recognised_by_content(tmp_path: Path) -> None:
    inbox = fill(tmp_path / "inbox", WHOLE)
    found = catalogue(inbox, inventory())
    assert {a.path.name: (a.kind, a.exams, a.problem) for a in found.arrivals} == {
        "download": (Kind.TASKS, ("ma-7a", "ma-7b"), ""),
        "RU7 (1).tmp1": (Kind.TASKS, ("ru-7a",), ""),
        "шифр.txt": (Kind.CIPHER, ("ru-7a", "ma-7a", "ma-7b"), ""),
        "list.bin": (Kind.CODES, ("ma-7a", "ma-7b", "ru-7a"), ""),
        "grid": (Kind.CODES, ("en-8a",), ""),
        "1.docx": (Kind.BRIEFING, ("ma-7a", "ma-7b", "ru-7a", "en-8a"), ""),
        "2.docx": (Kind.PROTOCOL, ("ru-7a",), ""),
        "3.pdf": (Kind.INSTRUCTIONS, ("ma-7a", "ma-7b", "ru-7a", "en-8a"), ""),
        "4.docx": (Kind.CRITERIA, ("ma-7a", "ma-7b"), ""),
    }
    tasks = one(found, "download")
    assert (tasks.container, tasks.encrypted, tasks.opened_by) == ("zip, AES-256", True, inbox / "шифр.txt")
    assert "file's name" in one(found, "RU7 (1).tmp1").evidence
    assert [(m.exam, m.kind) for m in found.missing if m.needed] == [("en-8a", Kind.TASKS)]
    assert ("en-8a", Kind.CRITERIA) in [(m.exam, m.kind) for m in found.missing if not m.needed]


def test_every_message_can_be_filled(tmp_path: Path) -> None:
    inbox = fill(
        tmp_path / "inbox", WHOLE | {"x.html": b"<html>", "y": b"\x00\x01\x02", "z.zip": make.zip_plain()}
    )
    for arrival in catalogue(inbox, inventory()).arrivals:
        assert (arrival.evidence or arrival.problem).strip()
        arrival.evidence.format(**arrival.params)
        arrival.problem.format(**(arrival.problem_params or {}))


def test_tasks_are_opened_into_memory(tmp_path: Path) -> None:
    found = catalogue(fill(tmp_path / "inbox", WHOLE), inventory())
    assert open_tasks(found, "ma-7b") == {
        "1": "%PDF-1.4 МА7/Вариант 1".encode(),
        "2": "%PDF-1.4 МА7/Вариант 2".encode(),
    }
    assert list(open_tasks(found, "ru-7a")) == ["1", "2"]
    with pytest.raises(TasksMissing, match="en-8a"):
        open_tasks(found, "en-8a")


def test_an_archive_for_several_exams_is_split(tmp_path: Path) -> None:
    files = named("7 класс/Математика/вариант ") | named("7 класс/Русский язык/вариант ") | named("АНГ8_v")
    inbox = fill(tmp_path / "inbox", {"all.zip": make.zip_plain(files)})
    found = catalogue(inbox, inventory())
    assert one(found, "all.zip").exams == ("ma-7a", "ma-7b", "ru-7a", "en-8a")
    assert open_tasks(found, "ru-7a")["2"] == "%PDF-1.4 7 класс/Русский язык/вариант 2".encode()
    assert open_tasks(found, "en-8a")["1"] == "%PDF-1.4 АНГ8_v1".encode()


def test_no_member_is_lost_when_only_some_name_their_subject(tmp_path: Path) -> None:
    files = {"МА7 вариант 1.pdf": b"%PDF-1", "вариант 2.pdf": b"%PDF-2", "Инструкция РУ7.pdf": b"%PDF-3"}
    found = catalogue(fill(tmp_path / "a", {"x": make.zip_plain(files)}), inventory())
    assert open_tasks(found, "ma-7a") == {"1": b"%PDF-1", "2": b"%PDF-2"}
    mixed = catalogue(
        fill(tmp_path / "b", {"x": make.zip_plain(files | {"РУ7 вариант 1.pdf": b"%PDF-4"})}), inventory()
    )
    assert one(mixed, "x").exams == ()
    assert "--bind" in one(mixed, "x").problem


def test_parts_of_a_work_are_told_apart_or_refused(tmp_path: Path) -> None:
    two = inventory(("ru-1", "Русский язык", "7А", 1), ("ru-2", "Русский язык", "7А", 2))
    parts = make.zip_plain(named("РУ7 часть 1 вариант ") | named("РУ7 часть 2 вариант "))
    found = catalogue(fill(tmp_path / "a", {"x": parts}), two)
    assert open_tasks(found, "ru-2")["1"] == "%PDF-1.4 РУ7 часть 2 вариант 1".encode()
    unclear = catalogue(fill(tmp_path / "b", {"x": make.zip_plain(named("РУ7 вариант "))}), two)
    assert (one(unclear, "x").exams, "part" in one(unclear, "x").problem) == ((), True)


@pytest.mark.parametrize("name", ["tasks.zip", "МА.zip", "ХИ7.zip"])
def test_doubt_binds_nothing_and_names_the_command(tmp_path: Path, name: str) -> None:
    exams = inventory(("ma-7a", "Математика", "7А", 1), ("ma-5a", "Математика", "5А", 1))
    found = catalogue(fill(tmp_path / "inbox", {name: make.zip_plain(named("вариант "))}), exams)
    arrival = one(found, name)
    assert arrival.exams == ()
    assert f"--bind {name}=EXAM:tasks" in arrival.problem.format(**(arrival.problem_params or {}))
    assert ("ma-7a", Kind.TASKS) in [(m.exam, m.kind) for m in found.missing]


def test_what_a_person_says_wins(tmp_path: Path) -> None:
    tasks, text = make.zip_plain(named("вариант ")), "Дорогие ребята!".encode()
    said = {
        hashlib.sha256(tasks).hexdigest(): (Kind.TASKS, ("en-8a",)),
        hashlib.sha256(text).hexdigest(): (Kind.INSTRUCTIONS, ("ru-7a",)),
    }
    found = catalogue(fill(tmp_path / "inbox", {"МА7.zip": tasks, "t": text}), inventory(), said)
    assert (one(found, "МА7.zip").exams, one(found, "t").kind) == (("en-8a",), Kind.INSTRUCTIONS)
    assert list(open_tasks(found, "en-8a")) == ["1", "2"]


def test_an_encrypted_archive_without_its_cipher(tmp_path: Path) -> None:
    inbox = fill(
        tmp_path / "inbox", {"МА7.zip": make.zip_aes(named("вариант ")), "c.txt": b"Password: other\n"}
    )
    found = catalogue(inbox, inventory())
    assert ("ma-7a", Kind.CIPHER) in [(m.exam, m.kind) for m in found.missing if m.needed]
    assert "no archive" in one(found, "c.txt").problem
    with pytest.raises(CipherNeeded):
        open_tasks(found, "ma-7a")
    with pytest.raises(CipherRefused):
        open_tasks(found, "ma-7a", [Secret("wrong")])
    typed = catalogue(inbox, inventory(), {}, [Secret("wrong"), Secret(make.CIPHER)])
    assert Kind.CIPHER not in [m.kind for m in typed.missing]
    assert list(open_tasks(typed, "ma-7a", [Secret(make.CIPHER)])) == ["1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        make.CIPHER,
        f"Пароль: {make.CIPHER}",
        f"Пароль к архиву — {make.CIPHER}",
        f"Математика 7 класс\n\n{make.CIPHER}\n",
        f"{make.CIPHER} - МА7",
        f"МА7;{make.CIPHER}",
        f"Шифр: «{make.CIPHER}»",
        f"МА7\t{make.CIPHER}\t2026",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_cipher_is_found_in_any_line_and_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    content = text.replace("—", "-").encode(encoding)
    inbox = fill(tmp_path / "inbox", {"МА7.zip": make.zip_aes(named("вариант ")), "c": content})
    found = catalogue(inbox, inventory())
    assert (one(found, "c").kind, one(found, "c").opens) == (Kind.CIPHER, (inbox / "МА7.zip",))


def test_a_cipher_in_a_workbook(tmp_path: Path) -> None:
    content = xls([["Предмет", "Пароль"], ["МА7", make.CIPHER]])
    inbox = fill(tmp_path / "inbox", {"МА7.zip": make.zip_aes(named("вариант ")), "c": content})
    assert one(catalogue(inbox, inventory()), "c").kind is Kind.CIPHER


def test_what_is_not_finished_hidden_or_a_link(tmp_path: Path) -> None:
    inbox = fill(tmp_path / "inbox", {"МА7.zip.crdownload": b"PK\x03\x04", "~$1.docx": b"x", ".hidden": b"x"})
    (inbox / "link.zip").symlink_to("/etc/passwd")
    (inbox / "folder").symlink_to("/etc")
    problems = {a.path.name: a.problem for a in catalogue(inbox, inventory()).arrivals}
    assert set(problems) == {"МА7.zip.crdownload", "link.zip"}
    assert "still downloading" in problems["МА7.zip.crdownload"]
    assert "link" in problems["link.zip"]


def test_an_encrypted_rar_names_the_program_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    inbox = fill(tmp_path / "inbox", {"МА7.rar": make.rar5(encrypted="files"), "c.txt": MA.encode()})
    arrival = one(catalogue(inbox, inventory()), "МА7.rar")
    assert (arrival.encrypted, arrival.exams) == (True, ("ma-7a", "ma-7b"))
    assert "unrar" in arrival.problem


def test_the_same_file_twice_counts_once_but_two_archives_are_a_doubt(tmp_path: Path) -> None:
    first, second = make.zip_plain(named("МА7 вариант ")), make.zip_plain(named("МА7 вар"))
    twice = catalogue(fill(tmp_path / "a", {"1.zip": first, "2.zip": first}), inventory())
    assert (one(twice, "2.zip").kind, one(twice, "2.zip").problem_params) == (
        Kind.UNKNOWN,
        {"file": "2.zip", "other": "1.zip"},
    )
    assert list(open_tasks(twice, "ma-7a")) == ["1", "2"]
    rivals = catalogue(fill(tmp_path / "b", {"1.zip": first, "2.zip": second}), inventory())
    assert "same exam" in one(rivals, "1.zip").problem
    with pytest.raises(TasksMissing, match=r"1\.zip, 2\.zip"):
        open_tasks(rivals, "ma-7a")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"MZ\x90\x00" + bytes(200), "program"),
        (make.zip_plain({"setup.exe": b"MZ"}), "without tasks"),
        (make.zip_plain(named("МА7 вариант "))[:-30], "not complete"),
        (make.zip_plain({"../вариант 1.pdf": b"%PDF-"}), "leads out"),
        ("Список дел на завтра: позвонить, купить бумагу".encode(), "nothing in it says"),
        (b"%PDF-1.4 broken", "cannot be read"),
        (make.zip_plain({"[Content_Types].xml": b"<", "word/document.xml": b"<"}), "cannot be read"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, content: bytes, problem: str) -> None:
    arrival = one(catalogue(fill(tmp_path / "inbox", {"x": content}), inventory()), "x")
    assert problem in arrival.problem.format(**(arrival.problem_params or {}))
    assert arrival.exams == ()


def test_a_long_list_is_for_the_classes_of_all_its_rows(tmp_path: Path) -> None:
    rows = [
        ["Код", "Класс", "Предмет"],
        *([f"{n:05}", f"{5 + n // 200}А", "Русский язык"] for n in range(600)),
    ]
    arrival = one(catalogue(fill(tmp_path / "inbox", {"x": xlsx(rows)}), inventory()), "x")
    assert (arrival.kind, arrival.exams) == (Kind.CODES, ("ru-7a",))


@pytest.mark.parametrize(
    ("paragraphs", "kind"),
    [
        (
            ["Инструкция для организатора", *["Заполнить протокол, включая коды участников."] * 9],
            Kind.INSTRUCTIONS,
        ),
        (["Текст инструктажа", "Инструкция зачитывается. Инструкция. Инструкция."], Kind.BRIEFING),
        (["Дорогие ребята! Прочитайте инструкцию. Критерии оценивания узнаете потом."], Kind.BRIEFING),
        (["Ответы и критерии оценивания", "Инструкция для экспертов"], Kind.CRITERIA),
        (["Всё про протокол, и больше ничего"], Kind.UNKNOWN),
        (["О пароле.", *["Никому не сообщайте пароль от ФИС ОКО, включая коллег."] * 50], Kind.UNKNOWN),
    ],
)
def test_the_heading_tells_what_a_document_is(tmp_path: Path, paragraphs: list[str], kind: Kind) -> None:
    inbox = fill(tmp_path / "inbox", {"x": document(*paragraphs)})
    assert one(catalogue(inbox, inventory()), "x").kind is kind


def test_an_oral_part_needs_and_takes_no_tasks(tmp_path: Path) -> None:
    exams = inventory(("en-1", "Английский язык", "7А", 1), ("en-2", "Английский язык", "7А", 2))
    oral = exams.exams[1].model_copy(update={"oral": True})
    both = exams.model_copy(update={"exams": (exams.exams[0], oral)})
    found = catalogue(fill(tmp_path / "inbox", {"x": make.zip_plain(named("АНГ7 вариант "))}), both)
    assert one(found, "x").exams == ("en-1",)
    assert Kind.TASKS not in [m.kind for m in found.missing]


def test_a_list_in_doubt_is_a_list_with_a_problem(tmp_path: Path) -> None:
    content = xlsx([["Код участника"], ["11111"], ["22222"], ["3333O"]])
    arrival = one(catalogue(fill(tmp_path / "inbox", {"x": content}), inventory()), "x")
    assert (arrival.kind, (arrival.problem_params or {})["place"]) == (Kind.CODES, "Лист1!A4")
    assert arrival.exams


def test_bounds_and_absence(tmp_path: Path) -> None:
    none = catalogue(tmp_path / "nowhere", inventory())
    assert (none.arrivals, {m.kind for m in none.missing if m.needed}) == ((), {Kind.TASKS, Kind.CODES})
    inbox = fill(tmp_path / "inbox", {f"{n}": b"x" for n in range(FILES + 1)})
    with pytest.raises(InboxRefused, match=str(FILES)):
        catalogue(inbox, inventory())


def test_no_cipher_shows_and_nothing_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    inbox = fill(tmp_path / "inbox", WHOLE)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in inbox.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # the kernel refuses every byte to any file
    try:
        found = catalogue(inbox, inventory(), {}, [Secret("Канарейка-typed")])
        open_tasks(found, "ma-7a")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "Канарейка" not in repr(found) + caplog.text
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in inbox.iterdir()} == before
