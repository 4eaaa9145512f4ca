"""`homeward partner`: files are tried without being kept; samples are kept where they may be, and checked."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from connectors.partners.registry import KINDS
from connectors.samples import EXPECTED, PARTNERS
from runtime.place import Partner

LIST = PARTNERS / "hub_list" / "samples" / "02_bad_rows_stop_nobody" / "hublist-20270112T100000.csv"
EVENT = PARTNERS / "council_webhook" / "samples" / "01_package_events" / "01_approved.json"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command line."""
    code = run(["partner", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


class TestTry:
    """What a file would become."""

    def test_columns_facts_and_refusals_are_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = said(capsys, "try", str(LIST), "--partner", "hub-list", "--format", "json")
        head, *rest = rows(out)
        assert code == 0
        assert head["used"]["Meets CtR"] == "criteria"
        assert head["counts"] == {"accepted": 1, "quarantined": 5}
        refused = [[r["reason"], r["where"]] for r in rest if r["what"] == "refusal"]
        assert ["BAD_VALUE", "row 3 criteria"] in refused
        assert {r["kind"] for r in rest if r["what"] == "fact"} == {"WorklistRowSeen", "PathwaySet"}

    def test_keys_nobody_reads_are_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, out, _ = said(capsys, "try", str(EVENT), "--partner", "lbb-webhook", "--format", "json")
        assert rows(out)[0]["ignored"] == ["their_own_field"]

    @pytest.mark.parametrize(("path", "partner"), [(LIST, "hub-list"), (EVENT, "lbb-webhook")])
    def test_nothing_of_a_person_is_printed(
        self, capsys: pytest.CaptureFixture[str], path: Path, partner: str
    ) -> None:
        _, out, err = said(capsys, "try", str(path), "--partner", partner)
        for secret in ("Marlow", "Edith", "9990000018", "999 000 0018", "1942", "BR1 1AA", "M10003"):
            assert secret not in out + err

    def test_unknown_partner_is_a_usage_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, _, err = said(capsys, "try", str(LIST), "--partner", "nobody")
        assert code == 2
        assert "hub-list" in err


class TestNew:
    """A first table, headers mapped."""

    def test_table_maps_the_headers_it_knows(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = said(capsys, "new", "croydon-hub", "--kind", "hub_list", "--header", str(LIST))
        table = tomllib.loads(out)["partners"]["croydon-hub"]
        assert code == 0
        assert table["columns"]["criteria_at"] == "CtR reviewed"
        assert Partner.model_validate(table).kind == "hub_list"

    def test_unknown_headers_are_left_to_decide(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        (tmp_path / "list.csv").write_text("MRN,Bay letter\nM1,A\n", encoding="utf-8")
        _, out, _ = said(capsys, "new", "x", "--kind", "hub_list", "--header", str(tmp_path / "list.csv"))
        assert '# visit_number = "TO DECIDE"' in out
        assert "# not used: Bay letter" in out

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_every_kind_makes_a_table_the_place_can_read(
        self, capsys: pytest.CaptureFixture[str], kind: str
    ) -> None:
        _, out, _ = said(capsys, "new", "x", "--kind", kind)
        assert Partner.model_validate(tomllib.loads(out)["partners"]["x"]).kind == kind


class TestAcceptAndCheck:
    """Samples are kept, and checked."""

    def test_an_accepted_file_is_expected_to_stay_what_it_is(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        code, _, _ = said(
            capsys, "accept", str(LIST), "--partner", "hub-list", "--case", "09_new", "--into", str(tmp_path)
        )
        kept = json.loads((tmp_path / "09_new" / EXPECTED).read_text(encoding="utf-8"))
        by_hand = json.loads((LIST.parent / EXPECTED).read_text(encoding="utf-8"))
        assert code == 0
        assert kept["files"][LIST.name]["refused"] == by_hand["files"][LIST.name]["refused"]

    def test_a_number_somebody_could_have_is_never_kept(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        # Made here, so that no such number stands in the repository.
        stem = "401023213"
        number = stem + str((11 - sum(int(d) * (10 - i) for i, d in enumerate(stem)) % 11) % 11)
        path = tmp_path / LIST.name
        path.write_bytes(LIST.read_bytes().replace(b"9990000018", number.encode()))
        code, out, err = said(
            capsys, "accept", str(path), "--partner", "hub-list", "--case", "x", "--into", str(tmp_path)
        )
        assert code == 1
        assert not (tmp_path / "x").exists()
        assert number not in out + err

    def test_all_samples_hold(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = said(capsys, "check", "--format", "json")
        found = rows(out)
        assert code == 0
        assert {row["sample"].split("/")[0] for row in found} >= {"hub_list", "hl7_adt", "events"}

    def test_a_sample_that_became_something_else_is_told(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copytree(LIST.parent, tmp_path / "hub_list" / "samples" / "1")
        expected = tmp_path / "hub_list" / "samples" / "1" / EXPECTED
        expected.write_text(expected.read_text(encoding="utf-8").replace("row 6", "row 9"), encoding="utf-8")
        monkeypatch.setattr("connectors.samples.PARTNERS", tmp_path)
        code, _, err = said(capsys, "check", "hub_list")
        assert code == 1
        assert "row 9" in err


def test_status_without_a_cluster_says_what_is_agreed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    code, out, err = said(capsys, "status", "--format", "json")
    assert code == 0
    assert {row["partner"]: row["agreement"] for row in rows(out)}["hub-list"] == "SEL-ToC-2026-01"
    assert "KAFKA_BOOTSTRAP" in err
