from __future__ import annotations

import io

import docx
import pytest

from printing.documents import office
from provision.intake.errors import VariantsRefused
from provision.intake.variants import variants


def members(*names: str) -> dict[str, bytes]:
    return {name: f"%PDF-1.4 {name}".encode() for name in names}


def labels(*names: str) -> dict[str, str]:
    found = variants(members(*names))
    return {label: content.removeprefix(b"%PDF-1.4 ").decode() for label, content in found.items()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("вариант 1.pdf", "вариант 2.pdf"),
        ("Вариант_1.pdf", "Вариант_2.PDF"),
        ("МА7 вар1.pdf", "МА7 вар2.pdf"),
        ("В1.pdf", "В2.pdf"),
        ("В1/задание.pdf", "В2/задание.pdf"),
        ("вариант 1/МА7.pdf", "вариант 2/МА7.pdf"),
        ("MA7_v1.pdf", "MA7_v2.pdf"),
        ("1.pdf", "2.pdf"),
        ("01.pdf", "02.pdf"),
        ("1 вариант.pdf", "2-й вариант.pdf"),
        ("Variant1.pdf", "Variant2.pdf"),
        ("MA0701.pdf", "MA0702.pdf"),
        ("MA_7_2026_1.pdf", "MA_7_2026_2.pdf"),
        ("ВПР_МА-7_Вариант_1_2026.pdf", "ВПР_МА-7_Вариант_2_2026.pdf"),
        ("Вариант I.pdf", "Вариант II.pdf"),
    ],
)
def test_variants_are_told_by_their_names(first: str, second: str) -> None:
    assert labels(second, first) == {"1": first, "2": second}


def test_other_labels_and_their_order() -> None:
    assert labels("вариант 10.pdf", "вариант 9.pdf") == {"9": "вариант 9.pdf", "10": "вариант 10.pdf"}
    assert labels("вариант Б.pdf", "вариант А.pdf") == {"А": "вариант А.pdf", "Б": "вариант Б.pdf"}
    assert labels("задания.pdf") == {"1": "задания.pdf"}
    assert labels("вариант 2.pdf") == {"2": "вариант 2.pdf"}


def test_answers_criteria_sound_and_litter_are_never_variants() -> None:
    assert labels(
        "АНГ8_вариант_1.pdf",
        "АНГ8_вариант_1_ответы.pdf",
        "АНГ8_вариант_2.pdf",
        "Критерии оценивания, вариант 2.pdf",
        "Инструкция.pdf",
        "аудио вариант 1.mp3",
        "__MACOSX/._АНГ8_вариант_1.pdf",
        "Thumbs.db",
    ) == {"1": "АНГ8_вариант_1.pdf", "2": "АНГ8_вариант_2.pdf"}


@pytest.mark.parametrize(
    "names",
    [
        ("a.pdf", "b.pdf"),
        ("вариант 1.pdf", "вариант 1 (1).pdf"),
        ("часть 1 вариант 1.pdf", "часть 2 вариант 1.pdf"),
        ("часть 1.pdf", "часть 2.pdf"),
        ("МА7.pdf", "МА8.pdf"),
        ("5.pdf", "7.pdf"),
        ("вариант 1.pdf", "вариант 2.pdf", "приложение.pdf"),
        ("ответы.pdf",),
        (),
    ],
)
def test_doubt_is_refused_with_what_was_found(names: tuple[str, ...]) -> None:
    with pytest.raises(VariantsRefused) as error:
        variants(members(*names))
    assert all(name in str(error.value) for name in names)


def test_two_variants_that_are_the_same_file_are_refused() -> None:
    with pytest.raises(VariantsRefused, match="same content"):
        variants({"вариант 1.pdf": b"%PDF-1.4", "вариант 2.pdf": b"%PDF-1.4"})


def test_an_unknown_kind_of_file_is_refused_by_name() -> None:
    with pytest.raises(VariantsRefused, match=r"вариант 2\.pptx"):
        variants(members("вариант 1.pdf") | {"вариант 2.pptx": b"PK\x03\x04 ppt/"})


def test_a_pdf_beside_its_docx_is_the_one() -> None:
    found = variants(members("вариант 1.pdf", "вариант 2.pdf") | {"вариант 1.docx": word()})
    assert found["1"] == b"%PDF-1.4 " + "вариант 1.pdf".encode()


def word() -> bytes:
    out = io.BytesIO()
    made = docx.Document()
    made.add_paragraph("Задание 1")
    made.save(out)
    return out.getvalue()


def test_office_variants_are_converted() -> None:
    asked: list[tuple[bytes, str]] = []

    def convert(content: bytes, ending: str) -> bytes:
        asked.append((content, ending))
        return b"%PDF-1.7 converted"

    content = word()
    assert variants({"вариант 1.docx": content}, convert) == {"1": b"%PDF-1.7 converted"}
    assert asked == [(content, ".docx")]


def test_without_libreoffice_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(office.OfficeMissing) as error:
        variants({"вариант 1.docx": word()})
    assert "LibreOffice" in error.value.remedy
