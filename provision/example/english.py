"""The English test, invented: six pages, listening, reading, grammar, and photographs to describe."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from provision.example.pictures import jpeg
from provision.example.sheet import INDENT, SANS, Sheet
from provision.example.title import title_page

TITLE: Final = "ИНОСТРАННОМУ ЯЗЫКУ (АНГЛИЙСКОМУ)"
AIDS: Final = "только ручку"
LISTENING: Final = (
    "Вы услышите разговор двух подростков. В заданиях 1–5 выберите цифру, соответствующую правильному "
    "ответу, и "
    "запишите её в поле «Ответ». Вы услышите запись дважды."
)


PLAN: Final = (
    "the place",
    "the people or things, and what is happening",
    "the weather and the time of the year",
    "whether you like the picture or not, and why",
)


@dataclass(frozen=True, slots=True)
class Texts:
    """What differs between the variants. A question is its text and three choices; a gap, its word to "
    "change."""

    questions: tuple[tuple[str, tuple[str, str, str]], ...]
    headings: tuple[str, ...]
    paragraphs: str
    """Texts A–D, an empty line between them."""
    story: str
    gaps: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    letter: str
    scenes: tuple[str, str, str]


VARIANTS: Final = {
    1: Texts(
        questions=(
            ("Where is Kate going on Saturday?", ("to the lake", "to the library", "to her aunt’s")),
            ("What does Oleg want to take?", ("a tent", "a camera", "a map")),
            ("How will they get there?", ("by bus", "by bike", "on foot")),
            ("What was the weather like last week?", ("rainy", "windy", "sunny")),
            ("When are they going to meet?", ("at eight", "at half past eight", "at nine")),
        ),
        headings=(
            "A helpful neighbour",
            "A day on the water",
            "How it all began",
            "Rules to remember",
            "What to pack",
        ),
        paragraphs="""\
Our rowing club is only three years old. One evening Mr Lane found two old boats in his barn. He asked
the boys from our street to clean them, and by May both boats were ready for the water.

Nobody gets into a boat without a life jacket. We never stand up while we are rowing, and we always tell
an adult where we are going and when we will be back.

In July we rowed across the whole lake. It took us five hours. We had lunch on a tiny island, watched
the wild ducks and came home tired, sunburnt and very happy.

Mrs Petrova lives in the house by the pier. When it suddenly started to rain, she gave us hot tea and
dry towels. Now we bring her fresh fish every Sunday.""",
        story=(
            "Last summer my family <b>1</b> ______ to a small town by the sea. It was the <b>2</b> ______ "
            "place I had "
            "ever seen. Every morning we <b>3</b> ______ along the beach, and my brother always <b>4</b> "
            "______ "
            "something strange: a shell, a bottle or a piece of rope. Next year we <b>5</b> ______ there "
            "again."
        ),
        gaps=(("1", "TRAVEL"), ("2", "QUIET"), ("3", "WALK"), ("4", "FIND"), ("5", "GO")),
        words=("weather", "journey", "bridge", "harbour", "island", "luggage", "captain"),
        letter=(
            "An old sailor showed us his boat in the (A) ______. He was once the (B) ______ of a big ship. "
            "He told "
            "us about his longest (C) ______ to a far (D) ______, and about the terrible (E) ______ on the "
            "way home."
        ),
        scenes=("lake", "street", "sea"),
    ),
    2: Texts(
        questions=(
            ("What is Ann making for the fair?", ("a kite", "a cake", "a poster")),
            ("Who is going to help her?", ("her cousin", "her teacher", "her granny")),
            ("Where will the fair take place?", ("in the park", "at school", "in the square")),
            ("How much is a ticket?", ("nothing", "fifty roubles", "a hundred roubles")),
            ("What does Max like best?", ("the music", "the games", "the food")),
        ),
        headings=(
            "An early start",
            "A view to remember",
            "Not for everyone",
            "The first flight",
            "Learning the job",
        ),
        paragraphs="""\
You have to get up at four o’clock. The air is calm only at sunrise, and it takes a team of six people
almost an hour to get a big balloon ready for the sky.

From above the fields look like a patchwork blanket. You can see the river, the railway bridge and tiny
people who wave to you. It is so quiet that you can hear dogs barking.

To become a pilot you study the weather, the maps and the rules of the air. Then you fly for many hours
with an instructor before you may take passengers with you.

In 1783 two brothers sent a sheep, a duck and a rooster up in a basket. The trip lasted eight minutes.
All three animals came back safely, and the crowd cheered.""",
        story=(
            "My grandfather <b>1</b> ______ on the railway all his life. When he was young, trains were much "
            "<b>2</b> ______ than they are now. He often <b>3</b> ______ me about a winter night when the "
            "snow "
            "<b>4</b> ______ so deep that the train could not move. I think I <b>5</b> ______ an engine "
            "driver too."
        ),
        gaps=(("1", "WORK"), ("2", "SLOW"), ("3", "TELL"), ("4", "BE"), ("5", "BECOME")),
        words=("platform", "passenger", "snow", "ticket", "station", "whistle", "tunnel"),
        letter=(
            "We came to the (A) ______ an hour before the train. Dad bought a (B) ______ for me, and we "
            "waited on the "
            "(C) ______. At last we heard a (D) ______, and the train came out of the dark (E) ______."
        ),
        scenes=("winter", "balloons", "bridge"),
    ),
}


def draw_variant(variant: int, *, sideways: bool = False) -> bytes:
    """Return variant 1 or 2 as PDF; ``sideways`` stores its pages as landscape with /Rotate."""
    texts = VARIANTS[variant]
    sheet = Sheet(f"ВПР. Английский язык. 7 класс. Вариант {variant}", sideways=sideways)
    title_page(sheet, TITLE, variant, tasks=9, minutes=45, aids=AIDS)
    for page in (_listening, _reading, _language):
        sheet.new_page()
        page(sheet, texts)
    _speaking(sheet, texts)
    return sheet.finish()


def _listening(sheet: Sheet, texts: Texts) -> None:
    sheet.heading("<b>Аудирование</b>")
    sheet.text(f"<b>{LISTENING}</b>", indent=0)
    for number, (question, choices) in enumerate(texts.questions, 1):
        sheet.task(number, question)
        for choice, words in enumerate(choices, 1):
            sheet.text(f"{choice}) {words}", indent=18 * mm, after=1)
        sheet.y -= 2
        sheet.answer("")


def _reading(sheet: Sheet, texts: Texts) -> None:
    sheet.heading("<b>Чтение</b>")
    sheet.task(
        6,
        "Прочитайте тексты и установите соответствие между текстами A–D и заголовками 1–5. Запишите цифры в "
        "таблицу. "
        "Используйте каждую цифру только один раз. В задании один заголовок лишний.",
    )
    for number, heading in enumerate(texts.headings, 1):
        sheet.text(f"<b>{number}. {heading}</b>", indent=18 * mm, after=1)
    sheet.y -= 6
    for letter, paragraph in zip("ABCD", texts.paragraphs.split("\n\n"), strict=True):
        sheet.text(f"<b>{letter}.</b> {paragraph}", after=8)
    sheet.y -= 4
    sheet.table([["Текст", *"ABCD"], ["Заголовок", *[""] * 4]], [34 * mm, *[22 * mm] * 4], row=9 * mm)


def _language(sheet: Sheet, texts: Texts) -> None:
    sheet.heading("<b>Лексика и грамматика</b>")
    sheet.task(
        7,
        "Прочитайте текст. Заполните пропуски 1–5 словами, напечатанными в таблице заглавными буквами, в "
        "нужной форме.",
    )
    sheet.text(texts.story)
    sheet.y -= 4
    rows = [["Пропуск", "Слово", "Нужная форма"], *([number, word, ""] for number, word in texts.gaps)]
    sheet.table(rows, [26 * mm, 44 * mm, 70 * mm], row=9 * mm)
    sheet.task(
        8,
        "Прочитайте текст. Заполните пропуски A–E словами из рамки. Два слова в рамке лишние.",
    )
    words = "        ".join(f"{number}) {word}" for number, word in enumerate(texts.words, 1))

    def frame(canvas: Any) -> None:
        canvas.setLineWidth(0.8)
        canvas.rect(0, 0, 160 * mm, 10 * mm)
        canvas.setFont(SANS, 10.5)
        canvas.drawCentredString(80 * mm, 3.6 * mm, words)

    sheet.figure(160 * mm, 10 * mm, frame)
    sheet.text(texts.letter)
    sheet.y -= 4
    sheet.table([["Пропуск", *"ABCDE"], ["Слово", *[""] * 5]], [34 * mm, *[20 * mm] * 5], row=9 * mm)


def _speaking(sheet: Sheet, texts: Texts) -> None:
    sheet.new_page()
    sheet.heading("<b>Описание фотографии</b>")
    sheet.task(
        9,
        "Выберите одну фотографию и опишите её. Составьте связный рассказ из 7–8 предложений. Фотография 3 "
        "— на "
        "следующей странице, там же план и место для ответа.",
    )
    for number, scene in enumerate(texts.scenes[:2], 1):
        _photograph(sheet, number, scene, width=142 * mm)
    sheet.new_page()
    _photograph(sheet, 3, texts.scenes[2], width=118 * mm)
    sheet.text("План ответа поможет Вам:", after=3)
    for point in (
        "the place",
        "the people or things and what is happening",
        "the weather and the time of the year",
    ):
        sheet.text(f"• {point}", indent=INDENT + 6 * mm, after=1)
    sheet.text("• whether you like the picture or not, and why", indent=INDENT + 6 * mm, after=8)
    sheet.text("Начните так: <b>“I’d like to describe picture № …”</b>", after=4)
    sheet.lines(10)


def _photograph(sheet: Sheet, number: int, scene: str, *, width: float) -> None:
    height = width * 2 / 3
    picture = ImageReader(io.BytesIO(jpeg(scene)))

    def draw(canvas: Any) -> None:
        canvas.drawImage(picture, 0, 0, width, height)
        canvas.rect(0, 0, width, height)

    sheet.text(f"<b>Фотография {number}</b>", after=3)
    sheet.figure(width, height, draw)
