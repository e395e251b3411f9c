"""Every kind of mistake in an inventory: the exact line, what is wrong and how to fix it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.errors import ProblemsError
from provision.site.inventory import load_inventory
from provision.site.wording import WORDS
from tests.unit.provision.site.builders import GOOD, edited, line_of, mistakes

ROOT = Path(__file__).parents[4]

TYPO = "  time_zone: Europe/Moscow"
ROOM_3 = "  - number: 201\n    rows: 1\n    columns: 1\n    printer: Первый\nexams:\n"
PART_2 = (
    "  - {id: ma-7a-2, subject: Математика, class: 7А, "
    "date: 2027-04-17, start: 09:00, rooms: [201], part: 2%s}\n"
)


def test_the_good_one_is_good(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD) == []


def test_values_are_read_as_typed(tmp_path: Path) -> None:
    text = edited(
        ("number: 201", "number: 007"), ("rooms: [201]", "rooms: [007]"), ("class: 7А", "class: 7 «a»")
    )
    assert mistakes(tmp_path, text.replace("start: 09:00", "start: 9:05")) == []
    inventory = load_inventory(tmp_path / "inventory.yaml")
    exam = inventory.exam("ma-7a")
    assert (exam.rooms, exam.class_name, exam.start) == (("007",), "7А", dt.time(9, 5))
    assert exam.date == dt.date(2027, 4, 15)
    assert [label for _, _, label in inventory.room("007").grid()] == [
        "1А", "1Б", "1В", "2А", "2Б", "2В", "3А", "3Б",
    ]  # fmt: skip


def test_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    assert mistakes(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == []


# Each: what is edited; a text that only the reported line holds; the whole message after "file:line: ".
ONE_MISTAKE = {
    "unknown key": (
        [("  time_zone:", "  timezone:")],
        "timezone",
        "there is no key 'timezone' here — Did you mean 'time_zone'?",
    ),
    "unknown key, nothing near": (
        [(TYPO, TYPO + "\n  город: Светлогорск")],
        "город",
        "there is no key 'город' here — Remove it; allowed here: name, time_zone, language",
    ),
    "duplicate key": (
        [("    rows: 3\n", "    rows: 3\n    rows: 4 \n")],
        "rows: 4 ",
        "the key 'rows' is here twice (first in line 12) — Keep one of the two",
    ),
    "missing key": (
        [("  - id: ma-7a\n    subject: Математика\n", "  - id: ma-7a\n")],
        "id: ma-7a",
        "the key 'subject' is missing — Add a line 'subject: Математика'",
    ),
    "no number": (
        [("variants: 2", "variants: два")],
        "два",
        "'variants' must be a whole number, not 'два' — Write it like 'variants: 2'",
    ),
    "out of bounds": (
        [("variants: 2", "variants: 200")],
        "200",
        "'variants' must be at most 20, not 200 — Write it like 'variants: 2'",
    ),
    "no true or false": (
        [("oral: true", "oral: да")],
        "да",
        "'oral' must be true or false, not 'да' — Write 'oral: true' or 'oral: false'",
    ),
    "no list": (
        [("rooms: [201]", "rooms: 201")],
        "rooms: 201",
        "'rooms' must be a list — Write it in brackets, like 'rooms: [201]'",
    ),
    "no block": (
        [("  variants: 2", "  - variants")],
        "- variants",
        "'profile' must be a block of keys — Write 'profile:' and its keys below, indented by spaces",
    ),
    "no value": (
        [("    pool: основной", "    pool: основной\n    without:   ")],
        "without:   ",
        "'without' has no value — Write it like 'without: [6Г]', or remove the line",
    ),
    "no such word": (
        [("variants: 2", "seating: шахматы")],
        "шахматы",
        "'шахматы' is no right value of 'seating' — Write one of: chess, column, list",
    ),
    "no queue": (
        [("queue: folder:out/print", "queue: HP LaserJet")],
        "LaserJet",
        "'HP LaserJet' is no right value of 'queue' — Write it like 'queue: folder:out/print'",
    ),
    "a Russian date": (
        [("date: 2027-04-15", "date: 15.04.2027")],
        "15.04.2027",
        "'15.04.2027' is no date — Write 2027-04-15",
    ),
    "a date in words": (
        [("date: 2027-04-15", "date: 15 апреля 2027 г.")],
        "апреля",
        "'15 апреля 2027 г.' is no date — Write 2027-04-15",
    ),
    "no date": (
        [("date: 2027-04-15", "date: завтра")],
        "завтра",
        "'завтра' is no date — Write year-month-day, like 2027-04-15",
    ),
    "a day that is not": (
        [("date: 2027-04-15", "date: 2027-02-30")],
        "02-30",
        "there is no such day: 2027-02-30 — Check the day and the month",
    ),
    "a time with a point": (
        [("start: 09:00", "start: 9.30")],
        "9.30",
        "'9.30' is no time — Write 09:30",
    ),
    "no time": (
        [("start: 09:00", "start: 25:00")],
        "25:00",
        "'25:00' is no time — Write hours:minutes, like 09:00",
    ),
    "no time zone": (
        [("Europe/Moscow", "Москва")],
        "Москва",
        (
            "there is no time zone 'Москва' — "
            "Write it like Europe/Moscow, Europe/Samara, Asia/Yekaterinburg, Asia/Omsk, Asia/Vladivostok"
        ),
    ),
    "no class": (
        [("class: 7А", "class: седьмой")],
        "седьмой",
        "'седьмой' is no class — Write a number and a Cyrillic letter, like 7А",
    ),
    "a code pattern that does not compile": (
        [("variants: 2", "code_pattern: '[0-9'")],
        "[0-9",
        r"'[0-9' is no regular expression — Use a form with fixed lengths such as \d{5} or [А-Я]{2}\d{4}",
    ),
    "a code pattern that runs away": (
        [("variants: 2", r"code_pattern: (\d+)+")],
        "code_pattern",
        (
            r"'(\d+)+' is too free as the form of a code — "
            r"Use a form with fixed lengths such as \d{5} or [А-Я]{2}\d{4}"
        ),
    ),
    "a code pattern for nothing": (
        [("variants: 2", r"code_pattern: (\d{5})?")],
        "code_pattern",
        r"'(\d{5})?' would take an empty code — Use a form with fixed lengths such as \d{5} or [А-Я]{2}\d{4}",
    ),
    "a path out of the site": (
        [("profile:", "participants: ../list.xlsx\nprofile:")],
        "../list.xlsx",
        (
            "'../list.xlsx' is no path inside the site — Write a path inside the site's folder with "
            "forward slashes, such as 'participants.xlsx'; copy the file there"
        ),
    ),
    "printer twice": (
        [("rooms:\n", "  - {name: Первый, queue: 'cups:HP'}\nrooms:\n")],
        "cups:HP",
        "the printer 'Первый' is described twice (first in line 7) — Correct one of the two, or remove it",
    ),
    "room twice": (
        [("exams:\n", ROOM_3)],
        "    columns: 1",
        "room 201 is described twice (first in line 11) — Correct one of the two, or remove it",
    ),
    "exam id twice": (
        [("id: en-7a", "id: ma-7a # again")],
        "again",
        "the exam id 'ma-7a' is used twice (first in line 24) — Correct one of the two, or remove it",
    ),
    "printer that is not": (
        [("printer: Первый", "printer: Перый")],
        "Перый",
        "there is no printer 'Перый' — Did you mean 'Первый'?",
    ),
    "pool without a printer": (
        [("pool: основной", "pool: запасной")],
        "запасной",
        (
            "no printer belongs to the pool 'запасной' — "
            "Add 'pools: [запасной]' to a printer, or correct the pool's name"
        ),
    ),
    "room without a printer": (
        [("    printer: Первый\n", "")],
        "number: 201",
        "room 201 has no printer — Add 'printer: …' or 'pool: …' to the room",
    ),
    "seat out of the grid": (
        [("without: [3В]", "without: [3В, 4А]")],
        "4А",
        (
            "room 201 has no seat 4А — "
            "Its seats are 1А to 3В; correct the seat, or 'rows', 'columns' and 'without'"
        ),
    ),
    "room without seats": (
        [
            (
                "    rows: 3\n    columns: 3\n    without: [3В]",
                "    rows: 1\n    columns: 1\n    without: [1А] #",
            )
        ],
        "[1А]",
        "room 201 has no seat left — Leave out of 'without' the seats that exist",
    ),
    "workstation out of the grid": (
        [("seat: 1Б", "seat: 3Б")],
        "3Б",
        (
            "room 204 has no seat 3Б — "
            "Its seats are 1А to 2В; correct the seat, or 'rows', 'columns' and 'without'"
        ),
    ),
    "workstation where no seat is": (
        [("    pool: основной\n", "    pool: основной\n    without: [1б]\n")],
        "seat: 1Б",
        (
            "room 204 has no seat 1Б — "
            "Its seats are 1А to 2В; correct the seat, or 'rows', 'columns' and 'without'"
        ),
    ),
    "workstation seat twice": (
        [("seat: 1Б", "seat: 1а")],
        "1а",
        "two workstations stand in seat 1А (the first in line 21) — Correct one of the two, or remove it",
    ),
    "workstation host twice": (
        [("host: 127.0.204.2", "host: 127.0.204.1, port: '22'")],
        "'22'",
        (
            "two workstations have the address 127.0.204.1 (the first in line 21) — "
            "Correct one of the two, or remove it"
        ),
    ),
    "exam in a room that is not": (
        [("rooms: [201]", "rooms:\n      - 201\n      - 202")],
        "- 202",
        "there is no room 202 — Known are: 201, 204",
    ),
    "room twice in an exam": (
        [("rooms: [201]", "rooms: [201, 201]")],
        "[201, 201]",
        "room 201 is named twice for this exam — Name every room once",
    ),
    "oral exam without computers": (
        [("rooms: [204]", "rooms: [201] # no lab")],
        "no lab",
        (
            "the exam is oral, but room 201 has no computers — "
            "Choose the language lab, or add 'workstations' to the room"
        ),
    ),
    "part 2 without part 1": (
        [("exams:\n", "exams:\n" + PART_2 % "")],
        "ma-7a-2",
        "part 2 does not say which exam it follows — Add 'follows: ma-7a'",
    ),
    "part 2 of nothing": (
        [("exams:\n", "exams:\n" + PART_2 % ", follows: ma-7b")],
        "ma-7b",
        "there is no exam with the id 'ma-7b' — Did you mean 'ma-7a'?",
    ),
    "part 2 of another subject": (
        [("exams:\n", "exams:\n" + PART_2 % ", follows: en-7a")],
        "follows",
        "'en-7a' is no part 1 of the same subject and class — Name the exam with part 1 of: Математика, 7А",
    ),
    "part 2 before part 1": (
        [("exams:\n", "exams:\n" + (PART_2 % ", follows: ma-7a").replace("04-17", "04-14"))],
        "follows",
        "part 2 does not start after part 1 (2027-04-15 09:00) — Correct the date or the time of one of them",
    ),
    "part 1 that follows": (
        [("oral: true", "follows: ma-7a")],
        "follows",
        "only part 2 follows another exam — Write 'part: 2', or remove 'follows'",
    ),
    "two exams at once": (
        [("2027-04-16\n    start: 09:00", "2027-04-15\n    start: 09:00 #")],
        "09:00 #",
        (
            "7А writes another exam at the same time ('ma-7a', line 24) — "
            "Correct the date, the time or the class of one of them"
        ),
    ),
    "seating list not named": (
        [("variants: 2", "seating: list")],
        "seating: list",
        "the seating is by a list, but no list is named — Add 'seating_list: seating.csv'",
    ),
    "seating list missing": (
        [("variants: 2", "seating_list: s.csv")],
        "s.csv",
        "there is no seating list 's.csv' — Put the file into the site's folder, or correct its name",
    ),
    "tab": (
        [("    rows: 3", "\trows: 3")],
        "\t",
        "the line is indented with a tab — Use spaces, as many as the neighbouring lines",
    ),
    "invisible character": (
        [("name: Школа", "name: Шко\x07ла")],
        "\x07",
        "there is an invisible character (U+0007) in the line — Type the line anew",
    ),
    "alias": (
        [("name: Школа", "name: &a Школа")],
        "&a",
        (
            "references (& and *) are not used in an inventory — "
            "Write the value out, or put a text that begins with & or * in quotes"
        ),
    ),
    "tag": (
        [("name: Школа", "name: !!python/object:os.system Школа")],
        "!!python",
        "tags (!) are not used in an inventory — Remove the tag, or put a text that begins with ! in quotes",
    ),
    "second colon": (
        [("name: Школа", "name: Школа: №12")],
        "№12",
        (
            "there is a second colon in the line, or its indentation is wrong — "
            "Put a text with a colon in quotes; give the keys of one block the same indentation"
        ),
    ),
    "open quote": (
        [("name: Школа", 'name: "Школа')],
        '"Школа',
        "a quote is opened here and never closed — Close the quote at the end of the text",
    ),
    "open bracket": (
        [("pools: [основной]", "pools: [основной")],
        "pools",
        (
            "a bracket is opened here and not closed, or a comma is missing — "
            "Write lists like [201, 202] and close every bracket"
        ),
    ),
    "wrong indentation": (
        [("  time_zone", " time_zone")],
        "time_zone",
        (
            "the indentation of this line fits none of the lines above — "
            "Give the keys of one block the same indentation, and every list item its '- '"
        ),
    ),
    "text begins with a percent sign": (
        [("name: Школа", "name: %Школа")],
        "%",
        "a text may not begin with this character — Put the text in quotes",
    ),
}


@pytest.mark.parametrize("kind", ONE_MISTAKE)
def test_one_mistake_is_one_line(kind: str, tmp_path: Path) -> None:
    edits, where, message = ONE_MISTAKE[kind]
    text = edited(*edits)
    line = line_of(text, where)
    if kind == "room twice":
        line -= 2  # the number stands above what marks the place
    assert mistakes(tmp_path, text) == [f"inventory.yaml:{line}: {message}"]


def test_all_mistakes_in_one_run(tmp_path: Path) -> None:
    text = edited(
        ("name: Школа", "nam: Школа"),
        ("variants: 2", "variants: много\n  seating: list"),
        ("queue: folder:out/print", "queue: printer"),
        ("printer: Первый", "printer: Второй"),
        ("columns: 3", "columns: 30"),
        ("host: 127.0.204.2", "host: 127.0.204.1"),
        ("date: 2027-04-15", "date: 15.04.2027"),
        ("rooms: [204]", "rooms: [205]"),
    )
    found = mistakes(tmp_path, text)
    places = ("nam:", "много", "list", ": printer", "30", "Второй", "seat: 1Б", "15.04.2027", "[205]")
    lines = [line_of(text, place) for place in places]
    assert [int(m.split(":")[1]) for m in found] == [lines[0], *lines]  # 'nam' is unknown, 'name' missing


def test_a_mistake_makes_no_other(tmp_path: Path) -> None:
    """A room whose grid is wrong still exists for exams; a wrong printer key is no absent printer."""
    found = mistakes(tmp_path, edited(("rows: 3", "rows: x"), ("printer: Первый", "printer: [Первый]")))
    assert [int(m.split(":")[1]) for m in found] == [12, 15]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "inventory.yaml:0: the inventory is empty"),
        (b"# only a remark\n", "inventory.yaml:0: the inventory is empty"),
        (b"- a\n- b\n", "inventory.yaml:1: the file holds no keys"),
        (GOOD.encode("cp1251"), "inventory.yaml:2: the file is not in UTF-8 (it looks like Windows-1251)"),
        (GOOD.encode("utf-16"), "inventory.yaml:0: the file is not in UTF-8 (it looks like UTF-16)"),
        (b"a: " + b"x" * 600_000, "inventory.yaml:0: the file is larger than 512 KB"),
        (b"a: 1\n---\nb: 2\n", "inventory.yaml:2: a second document begins here ('---')"),
        (b"[" * 100_000, "inventory.yaml:1: blocks lie too deep in one another"),
        (b"a: 1\n? [x]\n: 2\n", "inventory.yaml:2: this is no key"),
        (b'a: "\\UFFFFFFFF"\n', "inventory.yaml:1: this line breaks the structure of the file"),
    ],
)
def test_files_that_are_no_inventory(content: bytes, message: str, tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, content)
    assert found.split(" — ")[0] == message


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{0,99}" * 6,
        r"(\d+)+",
        r"(\d{1,9}){1,9}",
        r"(a|a)*b",
        r"(.)\1",
        r"(?=\d)\d",
        r"\d*",
        "x" * 61,
        r"a?" * 20,
    ],
)
def test_patterns_that_could_run_away_are_refused(pattern: str, tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, edited(("variants: 2", f"code_pattern: '{pattern}'")))
    assert "is too free as the form of a code" in found


@pytest.mark.parametrize(
    "pattern",
    [r"\d{5}", r"[А-Я]{2}\d{4}", r"\d{5,6}", r"\+\d{3}", r"[+*?]\d", r"(\d{5}|[А-Я]\d{4})", r"7-\d{4}X?"],
)
def test_patterns_of_codes_are_taken(pattern: str, tmp_path: Path) -> None:
    assert mistakes(tmp_path, edited(("variants: 2", f"code_pattern: '{pattern}'"))) == []


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        load_inventory(tmp_path / "inventory.yaml")
    assert [p.line for p in caught.value.problems] == [0]


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{n}: &{n} [{', '.join(['*' + p] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (found,) = mistakes(tmp_path, bomb)
    assert found.startswith("inventory.yaml:1: references (& and *) are not used")


def test_no_sentence_of_pydantic_is_shown() -> None:
    """Each error type that the model can cause has words of ours (the fallback names no reason)."""
    assert {"missing", "enum", "tuple_type", "model_type", "int_parsing", "bool_parsing"} <= set(WORDS)
    for what, cure in WORDS.values():
        assert "Input should" not in what + cure


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_are_answered(tmp_path: Path, content: bytes) -> None:
    assert mistakes(tmp_path, content)


LINES = st.sampled_from(GOOD.splitlines())
VALUES = st.sampled_from(
    ["", "[", "{a: b}", "- x", "null", "1e999", ".inf", "'", "!!set {}", "\\", '"\\0"', "10**9"]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_answered(tmp_path: Path, data: st.DataObject) -> None:
    """A good inventory with lines lost, doubled or with other values: problems, or none, and no crash."""
    lines = GOOD.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].split(":")[0]
        lines[at : at + 1] = data.draw(
            st.one_of(
                st.just([]),
                LINES.map(lambda line, here=lines[at]: [here, line]),  # type: ignore[misc]
                VALUES.map(lambda value, key=key: [f"{key}: {value}"]),  # type: ignore[misc]
                st.text(max_size=12).map(lambda value, key=key: [f"{key}: {value}"]),  # type: ignore[misc]
            )
        )
        if not lines:
            break
    mistakes(tmp_path, "\n".join(lines).encode("utf-8", "surrogatepass"))


def test_the_example_at_the_root_is_right() -> None:
    inventory = load_inventory(ROOT / "inventory.yaml")
    assert [room.number for room in inventory.rooms] == ["201", "202", "204"]
    assert len(inventory.room("201").grid()) >= 22
    assert len(inventory.room("202").grid()) >= 21
    lab = inventory.room("204")
    assert [s.reserve for s in lab.workstations].count(False) == 12
    assert [s.reserve for s in lab.workstations].count(True) == 2
    assert any(exam.oral for exam in inventory.exams)
    assert {e.class_name for e in inventory.exams} == {"7А", "7Б"}
