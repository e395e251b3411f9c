"""Rows that the downloads of the example school do not prove, by the commands that they name: P8 and P9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from provision.example.letters import protocol_template
from tests.e2e.site import example, run


def rows(site: Path) -> dict[str, dict[str, Any]]:
    steps: list[dict[str, Any]] = run(site, "day", "--json", "--at", "07:40").json["steps"]
    return {row["step"]: row for row in steps}


def test_templates_and_a_questionnaire(tmp_path: Path) -> None:
    site, downloads = example(tmp_path), tmp_path / "downloads"
    downloads.mkdir()
    for subject in ("Математика", "Английский язык"):
        (downloads / f"{subject}.docx").write_bytes(protocol_template(subject))
    words = ("intake", "--watch", "--once", "--existing", "--downloads", str(downloads), "--json")
    taken = run(site, *words).json["files"]
    assert [(one["kind"], one["plain_gone"]) for one in taken] == [("protocol", True)] * 2
    questionnaire = (
        "form: questionnaire\ntitle: Анкета\nfile: Анкета*.xlsx\nfields: [{cell: A!B1, text: x}]\n"
    )
    (site / "forms" / "questionnaire.yaml").write_text(questionnaire, encoding="utf-8")
    before = rows(site)
    assert (before["P9"]["state"], before["P9"]["said"]) == (
        "proved",
        "codes for 5, template for 5 of 5 exams",
    )
    assert (before["P8"]["known"], before["P8"]["said"]) == (
        "open",
        "the form questionnaire is not downloaded yet",
    )
    # filled with the coordinator in an office program: the software has a person's word and the file's hash
    filled = tmp_path / "Анкета.xlsx"
    filled.write_bytes((site / "forms" / "Форма сбора результатов МА7.xlsx").read_bytes())
    uploaded = run(site, "forms", "uploaded", "questionnaire", str(filled))
    assert uploaded.code == 0, uploaded.err
    after = rows(site)["P8"]
    assert (after["state"], after["known"]) == ("signed", "said")
    assert after["said"] == "forms: 1; filled here, with proof: 0; somebody's word: uploaded 1, accepted 0"
