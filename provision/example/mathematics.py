"""The mathematics test, invented: eight pages, the same sixteen tasks with other numbers in each variant."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from reportlab.lib.units import mm

from provision.example import diagrams
from provision.example.sheet import Sheet
from provision.example.title import title_page

TITLE: Final = "МАТЕМАТИКЕ"
MONTHS: Final = ("сен.", "окт.", "ноя.", "дек.", "янв.", "фев.")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What differs between the variants; every answer is computed from it."""

    fractions: tuple[Fraction, Fraction, Fraction]
    base: int
    powers: tuple[int, int, int]
    prices: tuple[tuple[str, int, int, int], ...]
    """Shop, price of a set in roubles, sets ordered for free delivery, delivery in roubles."""
    sets: int
    speed: int
    photos: tuple[int, int]
    club: tuple[str, str]
    """What is known in the task about statements, and the numbers of those that follow."""
    readers: tuple[int, ...]
    line: tuple[int, int]
    at: int
    equation: tuple[int, int, int]
    """a, b and the root x of a(x - b) = x + d."""
    panels: tuple[int, int]
    polynomial: tuple[int, int, Fraction]
    points: tuple[tuple[str, str], ...]
    triangle: tuple[tuple[int, int], ...]
    angle: int
    trip: tuple[tuple[float, int], ...]
    cyclists: tuple[int, int, int]


VARIANTS: Final = {
    1: Numbers(
        fractions=(Fraction(7, 12), Fraction(3, 8), Fraction(5, 6)),
        base=3,
        powers=(7, 9, 13),
        prices=(("«Глобус»", 240, 6, 180), ("«Чертёжник»", 225, 9, 250), ("«Точка»", 260, 4, 200)),
        sets=7,
        speed=54,
        photos=(80, 35),
        club=(
            "все, кто занимается плаванием, учатся в седьмом классе; часть из них ходит в шахматный кружок",
            "134",
        ),
        readers=(120, 180, 210, 150, 90, 170),
        line=(2, -1),
        at=14,
        equation=(4, 3, 7),
        panels=(7, 160),
        polynomial=(3, 4, Fraction(-1, 2)),
        points=(("A", "−2,5"), ("B", "3/4"), ("C", "2,2")),
        triangle=((1, 1), (4, 6), (8, 1)),
        angle=36,
        trip=((0, 0), (1, 15), (1.5, 15), (3, 45), (4, 45), (5, 60)),
        cyclists=(66, 18, 15),
    ),
    2: Numbers(
        fractions=(Fraction(8, 15), Fraction(3, 10), Fraction(7, 9)),
        base=5,
        powers=(6, 8, 12),
        prices=(("«Компас»", 310, 5, 220), ("«Пенал»", 295, 8, 300), ("«Скрепка»", 330, 3, 150)),
        sets=6,
        speed=72,
        photos=(120, 30),
        club=(
            "каждый пловец ходит в шахматный кружок; плавают только семиклассники и восьмиклассники",
            "24",
        ),
        readers=(140, 160, 230, 190, 80, 130),
        line=(-1, 2),
        at=-17,
        equation=(5, 2, 6),
        panels=(9, 150),
        polynomial=(5, 2, Fraction(1, 4)),
        points=(("A", "−1,5"), ("B", "5/4"), ("C", "2,8")),
        triangle=((1, 2), (6, 6), (9, 2)),
        angle=44,
        trip=((0, 0), (0.5, 10), (1, 10), (2.5, 40), (3, 40), (5, 60)),
        cyclists=(84, 16, 12),
    ),
}


def draw_variant(variant: int, *, answers: bool = False) -> bytes:
    """Return variant 1 or 2 as PDF; ``answers`` adds them as a layer that is switched off."""
    numbers = VARIANTS[variant]
    sheet = Sheet(f"ВПР. Математика. 7 класс. Вариант {variant}", answers=answers)
    title_page(sheet, TITLE, variant, tasks=16, minutes=60, aids="линейку и угольник")
    for page in (_arithmetic, _everyday, _diagrams, _equation_and_estimate, _algebra, _geometry, _motion):
        sheet.new_page()
        page(sheet, numbers)
    return sheet.finish()


def _ru(number: Fraction | float) -> str:
    fraction = Fraction(number)
    if fraction.denominator == 1:
        return str(fraction.numerator).replace("-", "−")
    return str(fraction).replace("-", "−")


def _decimal(number: Fraction | float) -> str:
    return f"{float(number):g}".replace(".", ",")


def _piece(fraction: Fraction) -> tuple[str, str]:
    return str(fraction.numerator), str(fraction.denominator)


def _arithmetic(sheet: Sheet, n: Numbers) -> None:
    a, b, c = n.fractions
    sheet.task(1, "Найдите значение выражения")
    sheet.formula(["(", _piece(a), " − ", _piece(b), ")", " : ", _piece(c)], size=15)
    sheet.answer(_ru((a - b) / c))
    p, q, r = n.powers
    sheet.task(2, "Найдите значение выражения")
    sheet.formula([(f"{n.base}^{{{p}}} · {n.base}^{{{q}}}", f"{n.base}^{{{r}}}")], size=15)
    sheet.answer(str(n.base ** (p + q - r)))
    sheet.task(
        3,
        f"Для кружка черчения нужно купить {n.sets} одинаковых наборов инструментов с доставкой. В таблице "
        "даны цены и условия доставки в трёх магазинах. Сколько рублей придётся заплатить за самую дешёвую "
        "покупку вместе с доставкой?",
    )
    rows = [("Магазин", "Цена набора, руб.", "Доставка, руб.", "Бесплатная доставка")]
    rows += [(shop, str(price), str(fee), f"от {free} наборов") for shop, price, free, fee in n.prices]
    sheet.table(rows, [36 * mm, 38 * mm, 34 * mm, 44 * mm])
    totals = [n.sets * price + (0 if n.sets >= free else fee) for _, price, free, fee in n.prices]
    sheet.answer(str(min(totals)), unit="руб.")


def _everyday(sheet: Sheet, n: Numbers) -> None:
    sheet.task(
        4, f"Скорость прогулочного катера равна {n.speed} км/ч. Выразите эту скорость в метрах в секунду."
    )
    sheet.answer(_ru(Fraction(n.speed * 1000, 3600)), unit="м/с")
    count, percent = n.photos
    sheet.task(
        5,
        f"Ученики собрали для школьного музея {count} предметов. Из них {percent} % — старые фотографии, "
        "четверть остальных предметов — письма. Сколько писем собрали ученики? Запишите решение и ответ.",
    )
    sheet.solution(58 * mm, _ru(Fraction(count * (100 - percent), 400)))
    statements = (
        "Если Рома занимается плаванием, то он учится в седьмом классе.",
        "Каждый, кто занимается плаванием, ходит и в шахматный кружок.",
        "Среди тех, кто ходит в шахматный кружок, есть ученик седьмого класса.",
        "Никто из шестиклассников не занимается плаванием.",
    )
    sheet.task(
        6,
        f"Известно, что {n.club[0]}. Выберите утверждения, которые обязательно верны при этих условиях, "
        "и запишите в ответе их номера без пробелов и запятых.",
    )
    for number, statement in enumerate(statements, 1):
        sheet.text(f"{number}) {statement}", indent=18 * mm, after=3)
    sheet.y -= 4
    sheet.answer(n.club[1])


def _diagrams(sheet: Sheet, n: Numbers) -> None:
    sheet.task(
        7,
        "На диаграмме показано, сколько читателей приходило в школьную библиотеку в каждом месяце с "
        "сентября по "
        "февраль. На сколько больше читателей пришло в самый людный месяц, чем в самый тихий?",
    )
    sheet.figure(130 * mm, 68 * mm, diagrams.bars(n.readers, MONTHS, width=130 * mm, height=68 * mm, step=30))
    sheet.answer(str(max(n.readers) - min(n.readers)))
    slope, intercept = n.line
    sheet.task(
        8,
        f"На рисунке изображён график линейной функции. Найдите значение этой функции при x = {_ru(n.at)}.",
    )
    sheet.figure(76 * mm, 84 * mm, diagrams.plane(slope, intercept, cell=7.6 * mm))
    sheet.answer(_ru(slope * n.at + intercept))


def _equation_and_estimate(sheet: Sheet, n: Numbers) -> None:
    a, b, x = n.equation
    d = a * (x - b) - x
    sheet.task(9, "Решите уравнение")
    sheet.formula([f"{a}(x − {b}) = x {'+' if d > 0 else '−'} {abs(d)}"], size=14)
    sheet.solution(72 * mm, f"x = {x}")
    panels, wide = n.panels
    sheet.task(
        10,
        f"На рисунке изображён забор из одинаковых секций с калиткой. Ширина одной секции равна {wide} см, "
        f"ширина "
        "калитки такая же. Хватит ли рулона сетки длиной 10 м, чтобы закрыть ею все секции, кроме калитки? "
        "Запишите "
        "решение и ответ.",
    )
    sheet.figure(140 * mm, 24 * mm, diagrams.fence(panels, width=140 * mm, height=24 * mm))
    metres = (panels - 1) * wide / 100
    sheet.solution(66 * mm, f"{'да' if metres <= 10 else 'нет'}, нужно {_decimal(metres)} м")


def _algebra(sheet: Sheet, n: Numbers) -> None:
    a, b, x = n.polynomial
    sheet.task(11, f"Найдите значение выражения при x = {_ru(x)}")
    sheet.formula([f"(x − {a})^{{2}} − x(x + {b})"], size=14)
    sheet.solution(62 * mm, _ru((x - a) ** 2 - x * (x + b)))
    names = ", ".join(f"{letter}({value})" for letter, value in n.points)
    sheet.task(12, f"Отметьте и подпишите на координатной прямой точки {names}.")
    sheet.figure(140 * mm, 14 * mm, diagrams.number_line(-4, 4, width=140 * mm))
    sheet.task(
        13,
        "На клетчатой бумаге с размером клетки 1 × 1 изображён треугольник ABC. Найдите его площадь.",
    )
    (x1, y1), (x2, y2), (x3, y3) = n.triangle
    area = Fraction(abs((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)), 2)
    sheet.figure(80 * mm, 56 * mm, diagrams.triangle_on_squares(n.triangle, columns=10, rows=7, cell=8 * mm))
    sheet.answer(_decimal(area))


def _geometry(sheet: Sheet, n: Numbers) -> None:
    sheet.task(
        14,
        "В равнобедренном треугольнике ABC с основанием AC проведена биссектриса AK. Известно, что угол BAK "
        "равен "
        f"{n.angle // 2}°. Найдите угол AKC. Запишите решение и ответ.",
    )
    height, draw = diagrams.isosceles_with_bisector(n.angle, width=120 * mm)
    sheet.figure(120 * mm, height, draw)
    half = n.angle // 2
    sheet.solution(128 * mm, f"{180 - half - n.angle}°")


def _motion(sheet: Sheet, n: Numbers) -> None:
    sheet.task(
        15,
        "Группа туристов выехала из посёлка на велосипедах. На графике показано, как менялось расстояние S "
        "от посёлка. "
        "Сколько часов всего туристы отдыхали в пути?",
    )
    sheet.figure(78 * mm, 92 * mm, diagrams.journey(n.trip, hours=5, kilometres=60, step=5, cell=6.4 * mm))
    rest = sum(b[0] - a[0] for a, b in pairwise(n.trip) if a[1] == b[1])
    sheet.answer(_decimal(rest), unit="ч")
    distance, fast, slow = n.cyclists
    sheet.task(
        16,
        f"Из двух посёлков, расстояние между которыми {distance} км, одновременно навстречу друг другу "
        f"выехали два "
        f"велосипедиста. Скорость первого {fast} км/ч, скорость второго {slow} км/ч. На каком расстоянии от "
        f"середины "
        "пути они встретятся? Запишите решение и ответ.",
    )
    meeting = Fraction(distance * fast, fast + slow) - Fraction(distance, 2)
    sheet.solution(78 * mm, f"{_ru(meeting)} км")
