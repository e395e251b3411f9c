"""A paper without a barcode that is lost or torn is printed again on a person's word; a kit is not."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.site import example, fewer, inside, pdfs, run

EXAM = ("--exam", "ma-7a")


def test_a_torn_protocol_is_printed_again_and_a_kit_never_so(tmp_path: Path) -> None:
    site = fewer(example(tmp_path), 3)
    assert run(site, "rooms", *EXAM).code == 0
    assert (
        inside(site, "resolve", "ma-7a/201/protocol", "--printed", "--json").json["error"]
        == "nothing-to-resolve"
    )
    assert (
        inside(site, "resolve", "ma-7a/201/kits", "--not-printed", "--json").json["error"]
        == "nothing-to-resolve"
    )
    kit = run(site, "resolve", "ma-7a/201/kits/201-01", "--not-printed", "--json")
    assert kit.json["error"] == "nothing-to-resolve"

    said = run(site, "resolve", "ma-7a/201/protocol", "--not-printed", "--json")
    assert said.json["state"] == "not-printed-says-person"
    assert said.json["work"].startswith("ma-7a/201/protocol/")
    in_the_way = run(site, "rooms", *EXAM)
    assert "is there already" in in_the_way.err
    assert "Nothing was printed." in in_the_way.out

    (protocol,) = (path for path in pdfs(site) if path.name == "5-protocol.pdf")
    protocol.unlink()
    again = run(site, "rooms", *EXAM, "--json")
    assert (again.code, again.json["printed"]) == (0, {"documents": 1, "sheets": 1})
    assert protocol.exists()
    assert run(site, "ledger", "verify").code == 0
