"""Who gets in, what they are shown, and that all of it is written down: by the pages and by the read API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from board.access.accounts import hash_password, is_password, load_accounts, write_accounts
from board.access.sessions import IDLE_SECONDS, masked, unmasked
from runtime.audit import Act, Audit, about, verify
from runtime.errors import Misconfigured
from tests.board.ward import AT, DESKS, MINUTE, PASSWORD, Browser, form_token, key, number_of, site_of

HUB_PAGES = ("/worklist", f"/person/{key(2)}", "/matches", "/feeds")
ELSEWHERE = 6
"""Lives in another borough, lies in the place's hospital."""


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The audit."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class TestSignIn:
    """The way in."""

    def test_nobody_is_shown_a_page_before_signing_in(self) -> None:
        with Browser(site_of(5)) as browser:
            for path in (*HUB_PAGES, "/quarantine", "/audit"):
                reply = browser.get(path)
                assert (reply.status_code, reply.headers["location"].split("?")[0]) == (303, "/sign-in")

    def test_after_signing_in_one_is_where_one_wanted_to_be_and_nowhere_else(self) -> None:
        for asked, led in (("/feeds", "/feeds"), ("//elsewhere.example/x", "/worklist"), ("", "/worklist")):
            with Browser(site_of(5)) as browser:
                reply = browser.submit("/sign-in", "/sign-in", name="hub", password=PASSWORD, next=asked)
                assert (reply.status_code, reply.headers["location"]) == (303, led)
                cookie = reply.headers["set-cookie"]
                assert "HttpOnly" in cookie
                assert "SameSite=strict" in cookie

    def test_behind_tls_the_cookie_is_for_it_alone(self) -> None:
        site = site_of(5)
        site.secure = True
        with Browser(site) as browser:
            token = browser.get("/sign-in")
            assert "Secure" in token.headers["set-cookie"]
            assert "max-age" in token.headers["strict-transport-security"]

    def test_a_wrong_name_and_a_wrong_password_look_the_same(self) -> None:
        with Browser(site_of(5)) as browser:
            wrong = [
                browser.submit("/sign-in", "/sign-in", name=name, password="x") for name in ("hub", "nobody")
            ]
            texts = {r.text.split("<main", 1)[1].replace(form_token(r.text), "") for r in wrong}
            assert ({reply.status_code for reply in wrong}, len(texts)) == ({403}, 1)

    def test_after_five_failures_even_the_right_password_waits(self, tmp_path: Path) -> None:
        site = site_of(5, tmp_path / "audit.jsonl")
        clock = [0.0]
        site.monotonic = lambda: clock[0]
        with Browser(site) as browser:
            for _ in range(5):
                assert browser.sign_in("hub", "wrong").status_code == 403
            reply = browser.sign_in("hub")
            assert (reply.status_code, "retry-after" in reply.headers) == (429, True)
            clock[0] = 301.0
            assert browser.sign_in("hub").status_code == 303
        outcomes = [row["outcome"] for row in lines_of(tmp_path / "audit.jsonl")]
        assert outcomes == ["refused: name or password"] * 5 + ["refused: too many tries", "done"]

    def test_a_screen_left_alone_is_signed_out(self) -> None:
        site = site_of(5)
        clock = [0.0]
        site.monotonic = lambda: clock[0]
        with Browser(site) as browser:
            browser.sign_in("hub")
            clock[0] = IDLE_SECONDS - 1.0
            assert browser.get("/feeds").status_code == 200
            clock[0] += IDLE_SECONDS + 1.0
            assert browser.get("/feeds").status_code == 303

    def test_signing_out_ends_the_session_and_only_by_a_form_of_its_own(self) -> None:
        with Browser(site_of(5)) as browser:
            browser.sign_in("hub")
            assert browser.post("/sign-out", {"form": "00" * 32}).status_code == 403
            assert browser.get("/feeds").status_code == 200
            assert browser.submit("/feeds", "/sign-out").status_code == 303
            assert browser.get("/feeds").status_code == 303

    def test_a_form_of_another_page_or_site_changes_nothing(self) -> None:
        site = site_of(5)
        with Browser(site) as browser:
            browser.sign_in("hub")
            fields = {"left": key(3), "right": key(900), "decision": "same"}
            assert browser.post("/matches", fields).status_code == 403
            for name, value in (("origin", "http://elsewhere.example"), ("sec-fetch-site", "cross-site")):
                token = browser.get("/matches").text.split('name="form" value="')[1].split('"')[0]
                assert browser.post("/matches", {**fields, "form": token}, **{name: value}).status_code == 403
        assert site.outbox.events == []  # type: ignore[union-attr]

    def test_every_reply_says_what_a_browser_may_do(self) -> None:
        with Browser(site_of(5)) as browser:
            browser.sign_in("hub")
            for path in ("/feeds", "/sign-in", "/v1/feeds", "/static/board.css"):
                headers = browser.get(path).headers
                policy = headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["cache-control"] == (
                    "public, max-age=3600" if "static" in path else "no-store"
                )


class TestRoles:
    """Least data, by page and by API."""

    def test_pages_are_for_their_roles(self, tmp_path: Path) -> None:
        wanted = {"/matches": {"hub"}, "/quarantine": {"feeds"}, "/audit": {"audit"}, "/feeds": set(DESKS)}
        site = site_of(5, tmp_path / "audit.jsonl")
        for name in DESKS:
            with Browser(site) as browser:
                browser.sign_in(name)
                got = {path: browser.get(path).status_code for path in wanted}
                assert got == {path: 200 if name in who else 403 for path, who in wanted.items()}
        refused = [row for row in lines_of(tmp_path / "audit.jsonl") if row["outcome"].startswith("refused")]
        assert len(refused) == 3 * (len(DESKS) - 1)

    def test_another_borough_s_people_are_nobody_by_id_filter_export_or_list(self, tmp_path: Path) -> None:
        site = site_of(12, tmp_path / "audit.jsonl")
        number, them = number_of(ELSEWHERE), key(ELSEWHERE)
        with Browser(site) as browser:
            browser.sign_in("council")
            shown = {path: browser.get(path) for path in (
                "/worklist?show=all", "/worklist?show=all&ward=M6", f"/v1/views/spell?person={them}",
                "/v1/views/transfer", "/v1/views/person", f"/v1/views/spell?visit=V{ELSEWHERE}",
                f"/v1/views/transfer?person={them}&as_of=2027-01-12T14:00:00Z",
            )}  # fmt: skip
            asked = browser.get(f"/person/{them}")
        assert asked.status_code == 404
        assert number[:3] not in asked.text.split("<main")[1]
        for path, reply in shown.items():
            assert reply.status_code == 200, path
            assert them not in reply.text, path
            assert number not in reply.text.replace(" ", ""), path
        refusals = [row for row in lines_of(tmp_path / "audit.jsonl") if row["outcome"].startswith("refused")]
        asked_for = [("api spell", [them]), ("api transfer", [them]), ("person", [them])]
        assert [(row["what"], row["people"]) for row in refusals] == asked_for
        with Browser(site) as browser:
            browser.sign_in("ward")
            assert browser.get(f"/person/{them}").status_code == 200, "whom the council may not see is there"

    @pytest.mark.parametrize(("desk", "sees"), [("hub", "P.F."), ("ward", "P.F."), ("council", "Restricted")])
    def test_a_restricted_person_is_initials_where_treated_and_nobody_elsewhere(
        self, desk: str, sees: str
    ) -> None:
        with Browser(site_of(5)) as browser:
            browser.sign_in(desk)
            listed, page = browser.get("/worklist?show=all").text, browser.get(f"/person/{key(4)}").text
        row = listed.split(key(4)[-12:], 1)[1].split("</tr>", 1)[0]
        assert sees.replace("P.F.", "P.E.") in row
        for text in (listed, page):
            assert "EADE" not in text
            assert number_of(4) not in text.replace(" ", "")
        assert ("use EPR" if desk != "council" else "ask the hub") in page
        assert ("M4" in row) == (desk != "council")

    def test_charity_and_provider_see_a_name_and_no_number(self) -> None:
        for desk, name in (("voluntary", "MARLOW, Edith"), ("provider", "ASHBY")):
            with Browser(site_of(9)) as browser:
                browser.sign_in(desk)
                text = browser.get("/worklist").text
                assert name in text
                assert all(number_of(n) not in text.replace(" ", "") for n in range(2, 10))

    def test_the_control_centre_reads_no_person(self) -> None:
        with Browser(site_of(5)) as browser:
            browser.sign_in("control")
            assert browser.get("/v1/views/person").text == ""
            assert browser.get(f"/person/{key(2)}").status_code == 403

    def test_the_read_api_serves_nobody_where_there_are_accounts(self, tmp_path: Path) -> None:
        site = site_of(5, tmp_path / "audit.jsonl", reader=None)
        with Browser(site) as browser:
            assert browser.get("/v1/views/spell").status_code == 401
            browser.sign_in("council")
            assert browser.get("/v1/views/spell").status_code == 200
        assert lines_of(tmp_path / "audit.jsonl")[0]["outcome"] == "refused: not signed in"


class TestAudit:
    """Every read and refusal, in a chain."""

    def test_a_list_names_everybody_once_a_session_and_a_person_every_time(self, tmp_path: Path) -> None:
        path = tmp_path / "audit.jsonl"
        with Browser(site_of(5, path)) as browser:
            browser.sign_in("hub")
            for page in ("/worklist", "/worklist", f"/person/{key(2)}", f"/person/{key(2)}"):
                browser.get(page)
            browser.get("/v1/views/transfer")
        rows = [(row["what"], len(row["people"]), row["shown"]) for row in lines_of(path)[1:]]
        assert rows[:2] == [("worklist", 5, 5), ("worklist", 0, 5)]
        assert rows[2:4] == [("person", 1, 1), ("person", 1, 1)]
        assert rows[4][0] == "api transfer"
        assert rows[4][2] >= 5
        assert {row["purpose"] for row in lines_of(path)} == {"direct-care"}
        assert [row["what"] for row in about(path, key(2))] == ["worklist", "person", "person"]
        assert "MARLOW" not in path.read_text("utf-8").upper()

    @pytest.mark.parametrize("plant", ["altered", "left out", "cut off", "put in", "swapped"])
    def test_the_verifier_finds_what_was_done_to_it(self, tmp_path: Path, plant: str) -> None:
        path = tmp_path / "audit.jsonl"
        audit = Audit(path)
        for number in range(6):
            audit.write(Act("a", "hub", "o", "direct-care", "person", "shown", [key(number)], 1), AT + MINUTE)
        assert verify(path) == []
        lines = path.read_text("utf-8").splitlines()
        done = {
            "altered": [*lines[:2], lines[2].replace('"who":"a"', '"who":"b"'), *lines[3:]],
            "left out": [*lines[:2], *lines[3:]], "cut off": lines[:-1], "put in": [*lines[:3], *lines[2:]],
            "swapped": [lines[1], lines[0], *lines[2:]],
        }  # fmt: skip
        path.write_text("\n".join(done[plant]) + "\n", "utf-8")
        assert verify(path)

    def test_it_goes_on_where_it_ended(self, tmp_path: Path) -> None:
        path = tmp_path / "audit.jsonl"
        for _ in range(2):
            audit = Audit(path)
            audit.open()
            audit.write(Act("a", "hub", "o", "p", "w", "shown"), AT)
            with pytest.raises(Misconfigured):
                Audit(path).open()
            audit.close()
        assert (verify(path), len(lines_of(path))) == ([], 2)

    def test_who_cannot_be_written_down_is_not_served(self, tmp_path: Path) -> None:
        site = site_of(5, tmp_path / "audit.jsonl")
        with Browser(site) as browser:
            browser.sign_in("hub")
            site.audit.path = tmp_path
            site.audit._handle = -2
            with pytest.raises((OSError, Misconfigured)):
                browser.get("/worklist")


class TestAccounts:
    """The accounts file."""

    def test_a_password_is_kept_as_a_hash_of_its_own(self, tmp_path: Path) -> None:
        first, second = (hash_password("a long word", (2**4, 8, 1)) for _ in range(2))
        assert first != second
        assert "a long word" not in first
        assert is_password("a long word", first)
        assert not is_password("another", first)
        path = tmp_path / "accounts.toml"
        accounts = site_of(5).accounts
        write_accounts(path, accounts)
        assert load_accounts(path) == accounts
        assert path.stat().st_mode & 0o077 == 0

    def test_what_is_no_hash_is_refused_without_saying_it(self) -> None:
        with pytest.raises(Misconfigured) as caught:
            is_password("x", "plainly a password")
        assert "plainly" not in str(caught.value)

    def test_a_form_token_is_another_text_each_time(self) -> None:
        secret = b"0123456789abcdef"
        tokens = {masked(secret) for _ in range(5)}
        assert len(tokens) == 5
        assert {unmasked(token) for token in tokens} == {secret}
