"""Settings come from the environment, are refused by name and never by value, and are documented."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runtime.errors import Misconfigured
from runtime.place import Partner
from runtime.records import FIELDS, RECORDS_KEY, check_partner, signature
from runtime.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def only_our_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has set is not what these tests are about."""
    for name in list(os.environ):
        if name.startswith("HOMEWARD_") or name in ("KAFKA_BOOTSTRAP", "ENGINE", "REQUIRE_KAFKA"):
            monkeypatch.delenv(name)


def test_the_three_plain_names_and_the_prefixed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KAFKA_BOOTSTRAP": "h:1", "ENGINE": "stock", "REQUIRE_KAFKA": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOMEWARD_PLACE", "croydon")
    settings = load_settings()
    assert (settings.bootstrap(), settings.engine, settings.require_kafka) == ("h:1", "stock", True)
    assert settings.place == "croydon"


def test_a_bad_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "steam-9990000018")
    with pytest.raises(Misconfigured, match="ENGINE") as caught:
        load_settings()
    assert "steam" not in str(caught.value)


def test_a_missing_cluster_says_what_to_set() -> None:
    with pytest.raises(Misconfigured, match="KAFKA_BOOTSTRAP is not set"):
        load_settings().bootstrap()


def test_another_address_than_loopback_must_be_meant() -> None:
    with pytest.raises(Misconfigured, match="HOMEWARD_HOST"):
        load_settings(host="0.0.0.0")
    assert load_settings(host="0.0.0.0", bind_anywhere=True).host == "0.0.0.0"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().place = "elsewhere"  # type: ignore[misc]


class TestRealPartners:
    """A real partner needs its signed record (IG-26), real keys and the real clock."""

    @pytest.fixture
    def settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
        """Settings a real partner may have, its record signed."""
        monkeypatch.setenv("SOME_KEY", "ab" * 32)
        monkeypatch.setenv(RECORDS_KEY, "the officers' key")
        self.sign(tmp_path, dict.fromkeys(FIELDS, "said"))
        return load_settings(key_ref="env:SOME_KEY", records=tmp_path)

    @staticmethod
    def sign(folder: Path, record: dict[str, str]) -> None:
        """Write and sign the record of partner `ward`."""
        body = json.dumps(record).encode()
        (folder / "ward.json").write_bytes(body)
        (folder / "ward.json.sig").write_text(signature(body, "the officers' key"))

    @staticmethod
    def partner(*, real: bool = True) -> Partner:
        """A hospital."""
        return Partner(kind="hl7_adt", sector="hospital", transport="mllp", real=real)

    def test_a_signed_record_lets_it_start(self, settings: Settings) -> None:
        check_partner("ward", self.partner(), settings)

    def test_a_synthetic_partner_needs_none(self) -> None:
        check_partner("ward", self.partner(real=False), load_settings(clock="2027-01-12@60"))

    def test_no_record_is_refused(self, settings: Settings) -> None:
        with pytest.raises(Misconfigured, match="no signed record"):
            check_partner("other", self.partner(), settings)

    def test_an_altered_record_is_refused(self, settings: Settings) -> None:
        path = settings.records / "ward.json"
        path.write_text(path.read_text().replace("said", "SAID", 1))
        with pytest.raises(Misconfigured, match="signature"):
            check_partner("ward", self.partner(), settings)

    @pytest.mark.parametrize("field", FIELDS)
    def test_a_record_that_leaves_something_out_is_refused(self, field: str, settings: Settings) -> None:
        self.sign(settings.records, {f: "said" for f in FIELDS if f != field})
        with pytest.raises(Misconfigured, match=field):
            check_partner("ward", self.partner(), settings)

    def test_the_public_key_is_refused(self, settings: Settings) -> None:
        with pytest.raises(Misconfigured, match="HOMEWARD_KEY_REF"):
            check_partner("ward", self.partner(), load_settings(records=settings.records))

    def test_a_simulated_clock_is_refused(self, settings: Settings) -> None:
        simulated = load_settings(**settings.model_dump() | {"clock": "2027-01-12@60"})
        with pytest.raises(Misconfigured, match="HOMEWARD_CLOCK"):
            check_partner("ward", self.partner(), simulated)
