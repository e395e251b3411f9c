"""The forms of the example school, with their mappings: ours, like the real ones in kind, and not official.

The real forms are not public. What is known of them: .xls from the personal account, an instruction on the
first sheet, drop-down lists, locked sheets. The application is kept as the .xls that LibreOffice makes of
:func:`application_workbook` (nothing here writes .xls); a test holds the two against each other.
"""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from provision.example.containers import without_times

APPLICATION: Final = "Форма-заявка.xls"
RESULTS: Final = "Форма сбора результатов МА7.xlsx"
TASKS: Final = {str(number): 2 if number in (10, 14, 16) else 1 for number in range(1, 17)}
"""Most points of each task of the example's mathematics test."""
_OURS: Final = "Учебный пример, сделанный для этой программы. Это не официальная форма ФИС ОКО."
_PASSWORD: Final = "vpr"  # noqa: S105 - sheets of the real forms are protected, so are these
_ROWS: Final = 60
_TO_FILL = PatternFill("solid", fgColor="FFFFE5")
_HEAD = PatternFill("solid", fgColor="DDE6F0")
_THIN = Side(style="thin", color="808080")
_BOX = Border(_THIN, _THIN, _THIN, _THIN)


def forms() -> dict[str, bytes]:
    """The folder ``forms`` of the example school: names and contents."""
    kept = files("provision.example")
    return {
        APPLICATION: (kept / "application.xls").read_bytes(),
        RESULTS: results_workbook(),
        "application.yaml": (kept / "application.yaml").read_bytes(),
        "results-ma-7.yaml": (kept / "results-ma-7.yaml").read_bytes(),
    }


def application_workbook() -> bytes:
    """The application as .xlsx: the .xls is made of it."""
    book = Workbook()
    _instruction(
        book,
        "Инструкция по заполнению формы-заявки на участие в ВПР",
        (
            "Заполните лист «Заявка». Поля со звёздочкой обязательны.",
            "Вид и расположение ОО выберите из списка.",
            "В таблице укажите все классы, которые участвуют в ВПР, по одному в строке.",
            "Не меняйте названия листов, не вставляйте и не удаляйте строки и столбцы.",
            "Сохраните файл в том же формате (.xls) и загрузите его в личный кабинет.",
        ),
    )
    sheet = book.create_sheet("Заявка")
    _title(sheet, "Заявка на участие образовательной организации в ВПР", 5)
    labels = (
        "Логин ОО*",
        "Наименование ОО*",
        "Вид ОО*",
        "Расположение*",
        "Контактный телефон*",
        "Адрес электронной почты",
        "Всего участников",
    )
    for row, label in enumerate(labels, 3):
        sheet.cell(row, 1, label).font = Font(bold=label.endswith("*"))
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=5)
        for column in range(2, 6):
            _open(sheet.cell(row, column))
    total = sheet["B9"]
    total.value = f"=SUM(D13:D{12 + _ROWS})"
    for column in range(2, 6):
        sheet.cell(9, column).protection = Protection(locked=True)
    for column, head in enumerate(("№", "Класс*", "Литера", "Число участников*", "Форма проведения*"), 1):
        _headed(sheet.cell(12, column, head))
    for row in range(13, 13 + _ROWS):
        for column in range(1, 6):
            _open(sheet.cell(row, column))
    lists = book.create_sheet("Справочник")
    lists.sheet_state = "hidden"
    kinds = ("Средняя общеобразовательная школа", "Гимназия", "Лицей", "Основная общеобразовательная школа")
    for column, words in enumerate((kinds, ("Город", "Посёлок городского типа", "Село")), 1):
        for row, word in enumerate(words, 1):
            lists.cell(row, column, word)
    book.defined_names["ВИДЫ"] = DefinedName("ВИДЫ", attr_text="Справочник!$A$1:$A$4")
    book.defined_names["ЛОГИН"] = DefinedName("ЛОГИН", attr_text="Заявка!$B$3")
    _rule(sheet, "B5", type="list", formula1="ВИДЫ")
    _rule(sheet, "B6", type="list", formula1="Справочник!$B$1:$B$3")
    _rule(sheet, f"B13:B{12 + _ROWS}", type="whole", operator="between", formula1="4", formula2="11")
    _rule(sheet, f"D13:D{12 + _ROWS}", type="whole", operator="between", formula1="1", formula2="60")
    _rule(sheet, f"E13:E{12 + _ROWS}", type="list", formula1='"Традиционная,Компьютерная"')
    _widths(sheet, (26, 22, 12, 20, 24))
    _finish(sheet)
    return _saved(book)


def results_workbook() -> bytes:
    """The form that collects the marks of mathematics, class 7."""
    book = Workbook()
    _instruction(
        book,
        "Инструкция по заполнению формы сбора результатов ВПР",
        (
            "Заполните лист «Результаты»: одна строка — одна работа, по коду участника.",
            "За каждое задание укажите баллы. Если участник не приступил к заданию, поставьте X.",
            "Если задания нет в варианте, поставьте N.",
            "Для отсутствовавших заполните только код, класс и столбец «Явка».",
            "Фамилии в форму не вносятся.",
            "Не меняйте названия листов, не вставляйте и не удаляйте строки и столбцы.",
        ),
    )
    sheet = book.create_sheet("Результаты")
    last = 5 + len(TASKS) + 1
    _title(sheet, "Форма сбора результатов ВПР. Математика, 7 класс", last)
    sheet["A3"], sheet["C3"] = "Логин ОО*", None
    sheet["A4"], sheet["C4"] = "Дата проведения*", None
    for row in (3, 4):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=6)
        for column in range(3, 7):
            _open(sheet.cell(row, column))
    heads = ("№", "Код участника*", "Класс*", "Вариант", "Явка*")
    for column, head in enumerate(heads, 1):
        sheet.merge_cells(start_row=6, start_column=column, end_row=7, end_column=column)
        _headed(sheet.cell(6, column, head))
        _headed(sheet.cell(7, column))
    sheet.merge_cells(start_row=6, start_column=6, end_row=6, end_column=last - 1)
    _headed(sheet.cell(6, 6, "Баллы за задания"))
    for column, (task, most) in enumerate(TASKS.items(), 6):
        _headed(sheet.cell(7, column, int(task)))
        choices = ",".join(map(str, range(most + 1)))
        letter = get_column_letter(column)
        _rule(sheet, f"{letter}8:{letter}{7 + _ROWS}", type="list", formula1=f'"{choices},X,N"')
    sheet.merge_cells(start_row=6, start_column=last, end_row=7, end_column=last)
    _headed(sheet.cell(6, last, "Сумма баллов"))
    _headed(sheet.cell(7, last))
    first, end = get_column_letter(6), get_column_letter(last - 1)
    for row in range(8, 8 + _ROWS):
        sheet.cell(row, 1, row - 7).border = _BOX
        for column in range(2, last):
            _open(sheet.cell(row, column))
            sheet.cell(row, column).alignment = Alignment(horizontal="center")
        sheet.cell(row, 2).number_format = "@"
        sheet.cell(row, last, f'=IF(E{row}="Был",SUM({first}{row}:{end}{row}),"")').border = _BOX
    _rule(sheet, f"E8:E{7 + _ROWS}", type="list", formula1='"Был,Не был"')
    _rule(sheet, "C4", type="date", operator="between", formula1="46000", formula2="47000")
    sheet["C4"].number_format = "DD.MM.YYYY"
    red = CellIsRule(operator="equal", formula=['"Не был"'], font=Font(color="C00000"))
    sheet.conditional_formatting.add(f"E8:E{7 + _ROWS}", red)
    _widths(sheet, (5, 15, 8, 9, 9, *[4.5] * len(TASKS), 9))
    sheet.freeze_panes = "F8"
    sheet.page_setup.orientation = "landscape"
    sheet.print_title_rows = "6:7"
    _finish(sheet)
    return _saved(book)


def _instruction(book: Workbook, title: str, lines: tuple[str, ...]) -> None:
    sheet = book.active
    sheet.title = "Инструкция"
    sheet["A1"] = title
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = _OURS
    sheet["A2"].font = Font(italic=True, color="C00000")
    for row, line in enumerate(lines, 4):
        sheet.cell(row, 1, f"{row - 3}. {line}").alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 100


def _title(sheet: Any, text: str, columns: int) -> None:
    sheet["A1"] = text
    sheet["A1"].font = Font(bold=True, size=13)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=columns)


def _open(cell: Any) -> None:
    """A cell that is to be filled."""
    cell.protection, cell.fill, cell.border = Protection(locked=False), _TO_FILL, _BOX


def _headed(cell: Any) -> None:
    cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _BOX
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _rule(sheet: Any, where: str, **rule: str) -> None:
    made = DataValidation(allow_blank=True, showErrorMessage=True, **rule)
    made.add(where)
    sheet.add_data_validation(made)


def _widths(sheet: Any, widths: tuple[float, ...]) -> None:
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _finish(sheet: Any) -> None:
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.protection.sheet = True
    sheet.protection.password = _PASSWORD


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return without_times(out.getvalue())
