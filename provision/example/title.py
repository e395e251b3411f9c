"""The first page of a test: what it is, how to work, and the table for the marks."""

from __future__ import annotations

from typing import Final

from reportlab.lib.units import mm

from provision.example.sheet import Sheet

INSTRUCTIONS: Final = """\
На выполнение работы отводится {minutes} минут. Работа состоит из {tasks} заданий.

Ответы записывайте в поля и на строки, отведённые для них в тексте работы. Если ответ нужно исправить,
зачеркните его и запишите рядом новый.

Там, где требуется решение, запишите его полностью: по нему видно ход Ваших рассуждений. Рисунки и пометки
делайте прямо в тексте работы.

При выполнении работы разрешается использовать {aids}. Пользоваться учебниками, тетрадями,
справочниками и калькулятором нельзя.

При необходимости можно пользоваться черновиком. Записи в черновике проверяться и оцениваться не будут.

Выполняйте задания по порядку. Если задание не получается сразу, пропустите его и переходите
к следующему; если останется время, Вы сможете к нему вернуться."""


def title_page(sheet: Sheet, subject: str, variant: int, *, tasks: int, minutes: int, aids: str) -> None:
    """Set the title page; ``subject`` is in the dative and in capitals, ``aids`` in the accusative."""
    sheet.y -= 6 * mm
    sheet.heading("<b>ПРОВЕРОЧНАЯ РАБОТА</b>", size=17, after=2)
    sheet.heading(f"<b>по {subject}</b>", size=17, after=8)
    sheet.heading("<b>7 класс</b>", size=14, after=6)
    sheet.heading(f"<b>Вариант {variant}</b>", size=14, after=14)
    sheet.heading("<b>Инструкция по выполнению работы</b>", size=12.5)
    for paragraph in INSTRUCTIONS.format(minutes=minutes, tasks=tasks, aids=aids).split("\n\n"):
        sheet.text(paragraph, indent=0)
    sheet.y -= 4
    sheet.heading("<b><i>Желаем успеха!</i></b>", size=12.5, after=16)
    sheet.text("Заполняется учителем, экспертом или техническим специалистом", indent=0, size=10, after=5)
    _marks(sheet, tasks)


def _marks(sheet: Sheet, tasks: int) -> None:
    head = 24 * mm
    for first in range(1, tasks + 1, 9):
        numbers = [str(number) for number in range(first, min(first + 9, tasks + 1))]
        cells = [*numbers, "Сумма"] if first + 9 > tasks else numbers
        cell = 14.5 * mm
        widths = [head, *[cell] * len(numbers), *[cell * 1.3] * (len(cells) - len(numbers))]
        sheet.table([["Задание", *cells], ["Баллы", *[""] * len(cells)]], widths, row=7 * mm, indent=0)
