"""The .docx files of the example school: briefing, instructions, and a template of the paper protocol."""

from __future__ import annotations

import io
from typing import Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from provision.example.containers import without_times

BRIEFING_TITLE: Final = "Текст инструктажа участников проверочной работы"
BRIEFING: Final = """\
Текст, выделенный жирным шрифтом, организатор в аудитории читает участникам вслух, слово в слово.
Инструктаж проводится спокойно и доброжелательно.

**Ребята, сегодня вы выполняете проверочную работу. Проверьте, что на вашем столе лежат только ручка,
черновик и то, чем разрешено пользоваться на этой работе.

**Телефоны, фотоаппараты, карманные компьютеры и другие средства связи во время работы держать при себе
нельзя. Если они у вас есть, сейчас положите их в сумку и поставьте её в отведённое для вещей место.

Сделать паузу. Раздать каждому участнику код и индивидуальный комплект с тем же кодом.

**Проверьте, что код на вашем листочке совпадает с кодом на каждой странице комплекта. Если коды
различаются, страницы не хватает или печать неразборчива, поднимите руку.

Сделать паузу. При необходимости заменить комплект резервным и отметить это в бумажном протоколе
проведения.

**Запишите свой код в поле «Код» в верхней части каждой страницы. Фамилию и имя в работе не указывайте.

**Прочитайте инструкцию на первой странице. Ответы записывайте разборчиво в отведённых для них местах.

**Если вам нужно выйти или у вас появился вопрос, молча поднимите руку. На вопросы по содержанию заданий
я ответить не смогу.

Объявить начало работы и записать на доске время начала и окончания.

**Начало выполнения работы: ____ ч ____ мин. Окончание: ____ ч ____ мин. Можно приступать. Желаем успеха!"""
"""Paragraphs with an empty line between; ** begins what is said aloud."""
INSTRUCTIONS_TITLE: Final = "Инструкция по проведению проверочной работы для организатора в аудитории"
INSTRUCTIONS: Final = """\
1. Не позднее чем за 20 минут до начала получить у ответственного организатора материалы аудитории:
индивидуальные комплекты, лист с кодами участников, бумажный протокол проведения.

2. Пересчитать комплекты, включая резервные, и сверить их число с обложкой.

3. Рассадить участников по местам, указанным на комплектах.

4. Разрезать лист с кодами и выдать каждому участнику его код.

5. Заполнить бумажный протокол: против каждого кода записать фамилию, имя и отчество участника. Протокол
хранится в школе и никуда не передаётся.

6. Следить за порядком в аудитории. Пользоваться средствами связи запрещено и участникам, и организатору.

7. По окончании собрать все комплекты, в том числе неиспользованные и испорченные, и передать их
ответственному организатору вместе с протоколом."""
PROTOCOL_TITLE: Final = "Бумажный протокол проведения проверочной работы"
PROTOCOL_COLUMNS: Final = {
    "№": 10,
    "Код участника": 26,
    "Вариант": 22,
    "Фамилия, имя, отчество участника": 78,
    "Примечание": 34,
}
"""Heads of the columns and their widths in mm."""


def briefing() -> bytes:
    """Return the text that invigilators read out; what is said aloud is bold."""
    document = _document(BRIEFING_TITLE)
    for paragraph in _paragraphs(BRIEFING):
        document.add_paragraph().add_run(paragraph.removeprefix("**")).bold = paragraph.startswith("**")
    return _bytes(document)


def instructions() -> bytes:
    """Return the instructions for invigilators."""
    document = _document(INSTRUCTIONS_TITLE)
    for paragraph in _paragraphs(INSTRUCTIONS):
        document.add_paragraph(paragraph)
    return _bytes(document)


def protocol_template(subject: str, rows: int = 30) -> bytes:
    """Return an empty paper protocol with ``rows`` lines."""
    document = _document(PROTOCOL_TITLE)
    document.add_paragraph(f"Предмет: {subject}")
    for field in ("Класс", "Аудитория", "Дата проведения"):
        document.add_paragraph(f"{field}: ____________________")
    table = document.add_table(rows + 1, len(PROTOCOL_COLUMNS))
    table.style = "Table Grid"
    table.autofit = False
    for cell, words in zip(table.rows[0].cells, PROTOCOL_COLUMNS, strict=True):
        cell.text = words
    for column, width in zip(table.columns, PROTOCOL_COLUMNS.values(), strict=True):
        column.width = Mm(width)
    for number, cell in enumerate(table.columns[0].cells[1:], 1):
        cell.text = str(number)
    document.add_paragraph()
    document.add_paragraph("Организатор в аудитории: ____________________ / ____________________")
    return _bytes(document)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(lines.split()) for lines in text.split("\n\n")]


def _document(title: str) -> Any:
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(15)
    section.top_margin = section.bottom_margin = Mm(18)
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(13)
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading.add_run(title).bold = True
    return document


def _bytes(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return without_times(out.getvalue())
