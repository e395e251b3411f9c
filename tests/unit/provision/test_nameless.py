"""What leaves without names: people by number, told apart; nothing that they wrote in their own words."""

from __future__ import annotations

import datetime as dt

from provision.audit.model import Access, Check, Finding, Outcome, Report, Severity
from provision.audit.nameless import nameless as audit_nameless
from provision.errors import Phrase
from provision.locale import translator
from provision.printjournal import Account, Act, Happening
from provision.printjournal.nameless import nameless
from provision.printjournal.words import on_paper
from provision.work import What

OWN = "other: облила Иванова"
HOME, WINDOWS = "/".join(("", "home", "")), "\\".join(("C:", "Users", ""))
AT = dt.datetime(2027, 4, 15, 8, tzinfo=dt.UTC)
RUSSIAN = translator("ru")


def test_the_print_journal() -> None:
    happenings = (
        Happening(AT, Act.SPOILED, "", "201", What.KITS, ("201-01",), reason=OWN, who="Петрова Анна"),
        Happening(AT, Act.ORDERED, reason="jam", who="ПЕТРОВА  Анна", authorised_by="Орлов"),
        Happening(AT, Act.JUDGED, reason="сказал Орлов", who="Орлов", good=True),
        Happening(AT, Act.SCANNED),
    )
    account = Account(AT, (), happenings, (), 4, "0" * 64)
    told = nameless(account, str)
    assert [(one.who, one.authorised_by, one.reason) for one in told.happenings] == [
        ("person 1", "", "other"),
        ("person 1", "person 2", "jam"),
        ("person 2", "", ""),
        ("", "", ""),
    ]
    paper = repr(on_paper(nameless(account, RUSSIAN), "", RUSSIAN))
    assert "201-01" in paper
    assert not [name for name in ("Петров", "ПЕТРОВА", "Орлов", "Иванов") if name in paper]


def test_the_audit() -> None:
    path = f"{HOME}ivanova/Загрузки/1.zip"
    command = Phrase("rm '{path}'", {"path": path})
    cure = Phrase("{command}", {"command": command})
    many = Phrase("{n} files", {"n": 2})
    findings = tuple(
        Finding(Check.DOWNLOADS, Outcome.LEAK, Severity.HIGH, place, many, cure)
        for place in (path, f"{WINDOWS}olga\\x")
    )
    accesses = (Access(AT.isoformat(), many, "ivanova"), Access("", many, "petrov"))
    told = audit_nameless(Report(findings, accesses, 1, 1, 1.0), str)
    assert [one.place for one in told.findings] == [
        f"{HOME}<person 1>/Загрузки/1.zip",
        f"{WINDOWS}<person 2>\\x",
    ]
    assert str(told.findings[0].cure) == f"rm '{HOME}<person 1>/Загрузки/1.zip'"
    assert [one.who for one in told.accesses] == ["person 1", "person 3"]
    assert "ivanova" not in repr(told)
