"""What lies in the open of the site itself is told with what takes it into the vault, by count alone."""

from __future__ import annotations

from pathlib import Path

from provision.audit.model import Check, Outcome
from provision.audit.unsealed import ANSWERS as AUDITED_ANSWERS
from provision.audit.unsealed import FORMS as AUDITED_FORMS
from provision.audit.unsealed import MARKS as AUDITED_MARKS
from provision.audit.unsealed import unsealed
from provision.forms.mapping import FOLDER as FORMS
from provision.forms.marks_store import FOLDER as MARKS
from provision.labexam import ANSWERS


def test_the_folders_are_those_that_are_written_to() -> None:
    assert (AUDITED_ANSWERS, AUDITED_MARKS, AUDITED_FORMS) == (ANSWERS, MARKS, FORMS)


def test_what_lies_in_the_open_is_named_with_its_cure(tmp_path: Path) -> None:
    state = tmp_path / ".provision"
    (finding,) = unsealed(tmp_path, state)
    assert (finding.check, finding.outcome) == (Check.UNSEALED, Outcome.OK)
    for name in (
        ".provision/answers/204/seats/1А/12345.wav",
        ".provision/answers/204/parts/1",
        ".provision/answers/204/manifest.jsonl",  # no answer
        ".provision/marks/ma-7a.1.json",
        "out/forms/Форма.xls",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [*unsealed(tmp_path, state)]
    assert [one.what.params["count"] for one in found] == [2, 1, 1]
    assert {one.outcome for one in found} == {Outcome.RISK}
    assert all("vault init" in one.cure.template for one in found)
    (state / "vault").mkdir()
    (state / "vault/identity.age").write_bytes(b"x")
    found = [*unsealed(tmp_path, state)]
    assert [one.cure.params["command"] for one in found] == [
        "labcheck collect --all",
        "provision forms results",
        "provision forms uploaded",
    ]
    assert not any("vault init" in one.cure.template for one in found)
    assert "12345" not in repr(found)
