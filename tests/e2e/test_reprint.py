"""Spoiled sheets: from the word of the person at the printer to the copy and the signed journal."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pexpect
import pytest
from pypdf import PdfReader

from printing.kit import Mark
from printing.mark import decode
from provision.ledger import Ledger
from tests.e2e.site import Ran, command_line, environment, example, fewer, inside, on_cups, pdfs, run
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.scanner import marks_on

EXAM = ("--exam", "ma-7a")
KIT = "201-07"
PHRASE = "correct horse 9"


def marks(path: Path) -> list[Mark]:
    return list(map(decode, marks_on(path)))


def kit_file(site: Path, name: str) -> Path:
    (found,) = (path for path in pdfs(site) if path.name == name and "/ma-7a/" in str(path))
    return found


def room_json(ran: Ran) -> dict[str, object]:
    (exam,) = ran.json["exams"]
    found: dict[str, object] = exam["rooms"][0]
    return found


@pytest.fixture(scope="module")
def unspoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's mathematics of 7А, printed; to be copied."""
    site = example(tmp_path_factory.mktemp("reprint"))
    assert run(site, "rooms", *EXAM).code == 0
    return site


@pytest.fixture(scope="module")
def printed(unspoiled: Path) -> Path:
    """The same for all tests, which spoil different kits."""
    return shutil.copytree(unspoiled, unspoiled.with_name("spoiled"))


def events(site: Path) -> int:
    """How many the record has; it is whole."""
    ledger = Ledger(site / ".provision")
    try:
        return ledger.verify()[0]
    finally:
        ledger.close()


def test_one_spoiled_page_gives_one_sheet_with_a_new_mark_and_the_old_one_is_void(printed: Path) -> None:
    first = kit_file(printed, f"2-kit-{KIT}.pdf")
    before = marks(first)
    said = run(printed, "spoil", KIT, "--page", "3", "--reason", "замятие", "--who", "Петров", *EXAM)
    assert said.code == 0, said.err
    status = inside(printed, "status", *EXAM, "--json")
    assert room_json(status)["state"] == "spoiled"
    assert room_json(status)["spoiled"] == {KIT: [3]}
    assert f"provision reprint {KIT} --exam ma-7a" in run(printed, "status", *EXAM).out

    done = run(printed, "reprint", KIT, *EXAM, "--json")
    assert done.code == 0, done.err
    assert done.json["printed"] == {"documents": 1, "sheets": 1}
    copy = kit_file(printed, f"2-kit-{KIT}-copy2-p3.pdf")
    assert marks(copy) == [Mark(before[2].batch, before[2].kit, 3, 2, before[2].code)]
    (text,) = (page.extract_text() for page in PdfReader(copy).pages)
    assert "копия 2" in text
    assert "стр. 3 из 8" in text
    assert before[2].code in text

    old, new = (next(iter(marks_on(path))) for path in (first, copy))
    third = list(marks_on(first))[2]
    scans = printed / "scans.txt"
    scans.write_text("\n".join([old, third, new]))
    told = run(printed, "confirm", "--room", "201", *EXAM, "--scan", str(scans), "--json")
    assert third not in told.out + told.err
    refused = [one["reason"] for one in told.json["refused"]]
    assert refused == ["void"], told.out


def test_noting_the_same_twice_changes_nothing(printed: Path) -> None:
    for _ in range(2):
        assert run(printed, "spoil", "201-02", "--page", "1-2", "--reason", "defect", *EXAM).code == 0
    events = inside(printed, "journal", *EXAM, "--json").json["lines"]
    assert [e["pages"] for e in events if e["act"] == "spoiled" and e["kits"] == ["201-02"]] == [[1, 2]]
    assert "noted already" in run(printed, "spoil", "201-02", "--page", "2", "--reason", "jam", *EXAM).out
    done = run(printed, "reprint", "201-02", *EXAM, "--json")
    assert done.json["printed"] == {"documents": 1, "sheets": 2}, done.err


def test_reprint_with_a_reason_spoils_and_replaces_the_whole_kit_at_once(printed: Path) -> None:
    done = run(printed, "reprint", "201-03", "--reason", "иное: залит чаем", *EXAM, "--json")
    assert done.json["printed"] == {"documents": 1, "sheets": 8}
    found = marks(kit_file(printed, "2-kit-201-03-copy2.pdf"))
    assert [(mark.page, mark.copy) for mark in found] == [(page, 2) for page in range(1, 9)]
    again = run(printed, "reprint", "201-03", "--pages", "4", "--reason", "jam", *EXAM, "--json")
    assert again.code == 0, again.err
    assert [(m.page, m.copy) for m in marks(kit_file(printed, "2-kit-201-03-copy3-p4.pdf"))] == [(4, 3)]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("spoil", "999-01", "--reason", "jam", *EXAM), "no-such-kit"),
        (("spoil", KIT, "--page", "9", "--reason", "jam", *EXAM), "no-such-kit"),
        (("spoil", KIT, "--reason", "so", *EXAM), "reason-refused"),
        (("spoil", KIT, "--reason", "jam"), "kit-ambiguous"),
        (("spoil", "201-05", "--reason", "jam", "--exam", "en-7a"), "kit-not-printed"),
        (("reprint", "201-05", *EXAM), "nothing-spoiled"),
        (("reprint", "201-05", "--pages", "2", *EXAM), "nothing-spoiled"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(
    printed: Path, words: tuple[str, ...], error: str
) -> None:
    before = events(printed)
    ran = inside(printed, *words, "--json")
    assert (ran.code, ran.json["error"]) == (3, error)
    assert events(printed) == before


def test_two_people_ordering_at_once_get_one_copy(printed: Path) -> None:
    assert run(printed, "spoil", "201-09", "--page", "5", "--reason", "jam", *EXAM).code == 0
    both = [
        subprocess.Popen(
            command_line(printed, "reprint", "201-09", *EXAM, "--json"),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    codes = sorted(process.wait(timeout=120) for process in both)
    assert codes[0] == 0
    assert codes[1] in {3, 9}  # nothing is spoiled any more, or the other one was at work
    copies = [path.name for path in pdfs(printed) if path.name.startswith("2-kit-201-09-")]
    assert copies == ["2-kit-201-09-copy2-p5.pdf"]


def test_the_journal_adds_up_and_its_paper_carries_the_proof(printed: Path) -> None:
    assert run(printed, "reprint", "201-11", "--pages", "1,2", "--reason", "jam", *EXAM).code == 0
    file = printed / "journal.pdf"
    told = run(printed, "journal", *EXAM, "--pdf", str(file), "--json")
    assert told.code == 0, told.err
    (room,) = told.json["rooms"]
    ordered = sum(e["sheets"] for e in told.json["lines"] if e["act"] == "ordered")
    spoiled = sum(e["sheets"] for e in told.json["lines"] if e["act"] == "spoiled")
    assert room["planned"] == 23 * 8
    assert room["additional"] == ordered >= 2
    assert room["printed"] == 23 * 8 + ordered
    assert room["spoiled"] == spoiled >= ordered
    assert room["in_room"] == room["printed"] - spoiled
    verified = run(printed, "ledger", "verify", "--json").json
    assert (told.json["events"], told.json["hash"]) == (verified["events"], verified["hash"])
    text = " ".join(page.extract_text() for page in PdfReader(file).pages)
    assert verified["hash"] in text
    assert run(printed, "spoil", "201-12", "--page", "1", "--reason", "jam", *EXAM).code == 0
    number = str(verified["events"])
    later = run(printed, "ledger", "verify", "--event", number, "--json").json
    assert later["event_hash"] == verified["hash"] != later["hash"], "the paper still vouches for what it saw"
    assert "201-11" in text


def with_second_person(printed: Path, folder: Path) -> Path:
    site = shutil.copytree(printed, folder / "school")
    inventory = site / "inventory.yaml"
    text = inventory.read_text(encoding="utf-8")
    assert "second_person_for_reprint: false" in text
    text = text.replace("second_person_for_reprint: false", "second_person_for_reprint: true ")
    inventory.write_text(text, encoding="utf-8")
    return site


def typing(site: Path, words: list[str], *typed: str) -> tuple[int, str]:
    """Run a command on a terminal and answer its questions; returns its exit code and all it showed."""
    command, *arguments = command_line(site, *words)
    child = pexpect.spawn(command, arguments, env=environment(), encoding="utf-8", timeout=120)
    for line in typed:
        child.expect("(?i)passphrase[^\n]*:|Once more:")
        child.waitnoecho()
        child.sendline(line)
    child.expect(pexpect.EOF)
    shown = str(child.before)
    child.close()
    return child.exitstatus, shown


def test_a_second_person_must_agree_where_the_profile_says_so(tmp_path: Path, unspoiled: Path) -> None:
    site = with_second_person(unspoiled, tmp_path)
    words = ["reprint", KIT, "--pages", "3", "--reason", "jam", *EXAM, "--json"]
    assert run(site, *words).json["error"] == "second-person-missing"
    assert typing(site, ["second-person", "Иванова А. С."], PHRASE, PHRASE)[0] == 0

    code, _shown = typing(site, words, "guess 1", "guess 2", "guess 3")
    assert code == 3
    acts = {line["act"] for line in inside(site, "journal", *EXAM, "--json").json["lines"]}
    assert acts == {"printed", "appointed"}, "a wrong passphrase leaves no spoilage and no order"

    code, shown = typing(site, words, "guess", PHRASE)
    assert code == 0, shown
    assert PHRASE not in shown
    (order,) = (e for e in inside(site, "journal", *EXAM, "--json").json["lines"] if e["act"] == "ordered")
    assert (order["authorised_by"], order["pages"]) == ("Иванова А. С.", [3])
    for path in site.rglob("*"):
        assert not path.is_file() or PHRASE.encode() not in path.read_bytes(), path

    code, _shown = typing(site, ["second-person", "Другой"], "guess 1", "guess 2", "guess 3")
    assert code == 3, "nobody appoints another without the first one's passphrase"


def test_on_cups_the_printer_receives_exactly_one_sheet(
    tmp_path: Path, print_server: PrintServer, printer: VirtualPrinter
) -> None:
    site = fewer(example(tmp_path), 8)
    queue = print_server.uri(printer.name)
    on_cups(site, {"Учительская": queue, "Кабинет информатики": queue})
    assert run(site, "print", "Матем", "--class", "7А", "--what", "kits", "--json").code in {0, 7}
    before = printer.received()
    first = {mark for document in before for mark in map(decode, marks_on(document.file))}

    done = run(site, "reprint", KIT, "--pages", "3", "--reason", "jam", *EXAM, "--json")
    assert done.json["printed"] == {"documents": 1, "sheets": 1}, done.err
    (new,) = printer.received()[len(before) :]
    assert len(new.pages) == 1
    assert "копия 2" in new.pages[0]
    (mark,) = map(decode, marks_on(new.file))
    (old,) = (m for m in first if (m.kit, m.page) == (mark.kit, 3))
    assert (mark.page, mark.copy, mark.code, mark.batch) == (3, 2, old.code, old.batch)

    assert run(site, "reprint", KIT, *EXAM, "--json").json["error"] == "nothing-spoiled"
    assert run(site, "rooms", *EXAM, "--json").code in {0, 7}
    counts = Counter(m for d in printer.received() for m in map(decode, marks_on(d.file)))
    assert set(counts.values()) == {1}, "never two copies of one mark"
    assert [m.copy for m in counts if (m.kit, m.page) == (mark.kit, 3)].count(2) == 1
