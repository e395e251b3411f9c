"""The settings of a print server, and files that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.queues.ipp import Attributes
from printing.queues.spool import directives, queue_settings, server_settings, stray_documents

CONFIGURATION = """
# PreserveJobFiles No
LogLevel warn
preservejobfiles   No   # nothing stays
<Policy default>
  JobPrivateAccess default
  <Limit All>
    MaxJobs 1
  </Limit>
</Policy>
MaxJobTime 30m
MaxJobs 0
"""


def test_directives_of_sections_are_none_of_the_servers() -> None:
    assert directives(CONFIGURATION) == {
        "loglevel": "warn",
        "preservejobfiles": "No",
        "maxjobtime": "30m",
        "maxjobs": "0",
    }


def test_each_setting_is_judged_and_the_line_to_change_is_named() -> None:
    found = {each.name: each for each in server_settings("server", CONFIGURATION)}
    assert {name: each.good for name, each in found.items()} == {
        "PreserveJobFiles": True,
        "PreserveJobHistory": True,
        "MaxJobs": True,
        "MaxJobTime": False,
    }
    assert found["MaxJobTime"].line == "MaxJobTime 3h"
    assert found["PreserveJobHistory"].value == "Yes"


def test_cups_own_defaults_keep_papers_for_a_day() -> None:
    found = {each.name: each.good for each in server_settings("server", "")}
    assert found == {
        "PreserveJobFiles": False,
        "PreserveJobHistory": True,
        "MaxJobs": True,
        "MaxJobTime": True,
    }


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("PreserveJobFiles 3600", False),
        ("PreserveJobFiles 0", True),
        ("PreserveJobFiles Yes", False),
        ("PreserveJobHistory No", False),
        ("PreserveJobHistory 300", True),
        ("MaxJobs 20", False),
        ("MaxJobTime 0", True),
        ("MaxJobTime 2h", True),
        ("MaxJobTime 59m", False),
        ("MaxJobTime soon", False),
    ],
)
def test_values_are_read_as_cupsd_reads_them(line: str, good: bool) -> None:
    name = line.split(maxsplit=1)[0]
    assert {each.name: each.good for each in server_settings("server", line)}[name] is good


def test_what_could_not_be_read_is_no_pass() -> None:
    assert {each.good for each in server_settings("server", None)} == {None}
    assert {each.good for each in queue_settings("server", "laser", {}, local=True)} == {None}


def test_a_queue_that_prints_again_by_itself_is_told() -> None:
    queue: Attributes = {"printer-error-policy": ("stop-printer",), "printer-is-shared": (1,)}
    policy, shared = queue_settings("server", "laser", queue, local=True)
    assert (policy.good, policy.line) == (False, "lpadmin -p laser -o printer-error-policy=abort-job")
    assert (shared.value, shared.good) == ("true", False)
    nobody: Attributes = {**queue, "server-is-sharing-printers": (0,)}
    assert [each.good for each in queue_settings("server", "laser", nobody, local=True)] == [False, True]
    # A queue of another machine must be shared, else nobody could print there.
    assert [each.name for each in queue_settings("server", "laser", queue, local=False)] == [
        "printer-error-policy"
    ]


@given(st.text())
def test_any_file_has_settings(text: str) -> None:
    assert len(list(server_settings("server", text))) == 4


def test_documents_without_a_job_are_found(tmp_path: Path) -> None:
    for name in ("c00007", "d00007-001", "d00008-001", "d123456-002", "tmp", "d0-x"):
        (tmp_path / name).touch()
    found = stray_documents(tmp_path, lambda: {7})
    assert found == (tmp_path / "d00008-001", tmp_path / "d123456-002")
    assert stray_documents(tmp_path / "absent", set) is None


def test_a_document_that_is_purged_meanwhile_is_not_stray(tmp_path: Path) -> None:
    document = tmp_path / "d00007-001"
    document.touch()

    def asked() -> set[int]:
        document.unlink()
        return set()

    assert stray_documents(tmp_path, asked) == ()
