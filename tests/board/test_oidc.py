"""Signing in with an OpenID provider: who is let in, and every way in which the provider's word is not one.
The provider is a stub here; `test_oidc_provider.py` has a real one.
"""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from board.access.oidc import Oidc, Provider, load_oidc
from board.serve import oidc_of, served_by
from runtime.audit import acts
from runtime.errors import Misconfigured
from runtime.settings import Settings
from tests.board.ward import PLACE, Browser, Site, site_of

ISSUER = "https://login.example"
BACK = "http://127.0.0.1:8080/sign-in/oidc/back"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
SECRET = "a secret that a client and its provider share"
PROVIDER = Provider(
    issuer=ISSUER, client_id="homeward", client_secret_ref="SECRET_OF_TEST", redirect_uri=BACK,
    claim="groups", readers={"toc-hub": "bromley-spa", "brokerage": "lbb"}, name_claim="preferred_username",
    title="Trust login",
)  # fmt: skip


class Stub:
    """A provider that says what it is told to."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.key: Any = KEY
        self.about: dict[str, Any] = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/auth", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }  # fmt: skip
        self.asked: dict[str, str] = {}
        self.down = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request of the board."""
        if self.down:
            raise httpx.ConnectError("down")
        if request.url.path.endswith("/openid-configuration"):
            return httpx.Response(200, json=self.about)
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        self.asked = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        token = jwt.encode(self.header, self.claims, self.key, algorithms=["RS256", "HS256"])
        return httpx.Response(200, json={"id_token": token, "access_token": "x", "token_type": "Bearer"})

    def says(self, nonce: str, /, **more: Any) -> None:
        """Claims of somebody of the hub, changed as told; None takes one away."""
        now = int(time.time())
        said = {
            "iss": ISSUER, "aud": "homeward", "sub": "s-1", "iat": now, "exp": now + 300, "nonce": nonce,
            "preferred_username": "a.reid", "groups": ["toc-hub", "staff"],
        } | more  # fmt: skip
        self.claims = {name: value for name, value in said.items() if value is not None}


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def site(stub: Stub, tmp_path: Path) -> Site:
    """A board with that provider."""
    found = site_of(5, tmp_path / "audit.jsonl")
    client = lambda: httpx.AsyncClient(transport=httpx.MockTransport(stub.answer))  # noqa: E731
    found.oidc = Oidc(PROVIDER, SECRET, client)
    return found


def sent(browser: Browser, after: str = "") -> dict[str, str]:
    """What the browser takes to the provider."""
    reply = browser.get(f"/sign-in/oidc?next={after}")
    assert reply.status_code == 303
    assert reply.headers["location"].startswith(f"{ISSUER}/auth?")
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}


def came_back(browser: Browser, asked: dict[str, str], **more: str) -> httpx.Response:
    """The browser returns."""
    query = {"code": "c", "state": asked["state"], "iss": ISSUER} | more
    return browser.get(f"/sign-in/oidc/back?{httpx.QueryParams(query)}")


def test_somebody_of_the_hub_is_let_in_as_the_hub(site: Site, stub: Stub) -> None:
    with Browser(site) as browser:
        assert "Sign in with Trust login" in browser.get("/sign-in").text
        asked = sent(browser, "/feeds")
        assert (asked["response_type"], asked["redirect_uri"]) == ("code", BACK)
        assert asked["code_challenge_method"] == "S256"
        stub.says(asked["nonce"])
        reply = came_back(browser, asked)
        assert (reply.status_code, 'content="0;url=/feeds"' in reply.text) == (200, True)
        assert stub.asked["code_verifier"] not in json.dumps(asked)
        page = browser.get("/worklist")
        assert (page.status_code, "a.reid, Bromley single point" in page.text) == (200, True)
        assert site.audit.path is not None
        row = next(iter(acts(site.audit.path)))
    assert (row["who"], row["role"], row["what"], row["outcome"]) == ("a.reid", "hub", "sign-in", "done")


@pytest.mark.parametrize("wrong", [
    {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"exp": 1}, {"nonce": "another"},
    {"nonce": None}, {"exp": None}, {"sub": None}, {"aud": ["homeward", "b"], "azp": "b"},
    {"groups": ["staff"]}, {"groups": None}, {"groups": ["toc-hub", "brokerage"]},
    {"groups": [{"toc-hub": 1}]},
], ids=str)  # fmt: skip
def test_a_word_that_is_not_for_this_sign_in_lets_nobody_in(
    site: Site, stub: Stub, wrong: dict[str, Any]
) -> None:
    with Browser(site) as browser:
        asked = sent(browser)
        stub.says(asked["nonce"], **wrong)
        assert came_back(browser, asked).status_code == 403
        assert browser.get("/worklist").status_code == 303
    assert site.audit.path is not None
    assert [row["outcome"][:8] for row in acts(site.audit.path)] == ["refused:"]
    assert "a.reid" not in site.audit.path.read_text("utf-8")


@pytest.mark.parametrize("forged", ["another key", "shared secret", "none", "no token"])
def test_a_word_that_is_not_the_provider_s_lets_nobody_in(site: Site, stub: Stub, forged: str) -> None:
    with Browser(site) as browser:
        asked = sent(browser)
        stub.says(asked["nonce"])
        if forged == "another key":
            stub.key = OTHER
        if forged == "shared secret":
            stub.header, stub.key = {"alg": "HS256"}, OctKey.import_key(SECRET)
        if forged in ("none", "no token"):
            _bare(site, stub, forged)
        reply = came_back(browser, asked)
        assert reply.status_code == 403
        assert browser.get("/worklist").status_code == 303


def _bare(site: Site, stub: Stub, forged: str) -> None:
    """The provider says a token without a signature, or none at all."""
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode()
             for one in ({"alg": "none"}, stub.claims)]  # fmt: skip
    token = ".".join([*parts, ""]) if forged == "none" else ""
    before = stub.answer
    assert site.oidc is not None

    def answer(request: httpx.Request) -> httpx.Response:
        forged_ = httpx.Response(200, json={"id_token": token})
        return forged_ if request.url.path == "/token" else before(request)

    site.oidc.client = lambda: httpx.AsyncClient(transport=httpx.MockTransport(answer))


def test_what_began_elsewhere_or_was_used_or_is_old_lets_nobody_in(site: Site, stub: Stub) -> None:
    clock = [0.0]
    site.monotonic = lambda: clock[0]
    with Browser(site) as browser, Browser(site) as another:
        asked = sent(browser)
        stub.says(asked["nonce"])
        assert came_back(another, asked).status_code == 403
        assert came_back(browser, asked).status_code == 403, "the other browser's try has used it up"
        asked = sent(browser)
        stub.says(asked["nonce"])
        assert came_back(browser, asked, iss="https://elsewhere.example").status_code == 403
        asked = sent(browser)
        stub.says(asked["nonce"])
        clock[0] = 601.0
        assert came_back(browser, asked).status_code == 403
        asked = sent(browser)
        stub.says(asked["nonce"])
        assert came_back(browser, asked).status_code == 200


def test_after_five_failures_an_address_waits(site: Site, stub: Stub) -> None:
    with Browser(site) as browser:
        for _ in range(5):
            assert browser.get("/sign-in/oidc/back?state=x&code=y").status_code == 403
        asked = sent(browser)
        stub.says(asked["nonce"])
        assert "too many tries" in came_back(browser, asked).text


def test_a_provider_that_is_away_or_calls_itself_another_is_said_so(site: Site, stub: Stub) -> None:
    stub.down = True
    with Browser(site) as browser:
        assert "does not answer" in browser.get("/sign-in/oidc").text
        stub.down, stub.about["issuer"] = False, "https://elsewhere.example"
        assert browser.get("/sign-in/oidc").status_code == 403
        stub.about |= {"issuer": ISSUER, "token_endpoint": "http://login.example/token"}
        assert browser.get("/sign-in/oidc").status_code == 403


def test_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "oidc.toml"
    said = PROVIDER.model_dump(exclude={"readers"}) | {"title": "Trust"}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    path.write_text(text + '[readers]\ntoc-hub = "bromley-spa"\n', "utf-8")
    with pytest.raises(Misconfigured, match="SECRET_OF_TEST"):
        load_oidc(str(path))
    monkeypatch.setenv("SECRET_OF_TEST", "s")
    found = oidc_of(Settings(oidc=str(path)), PLACE.readers)
    assert found is not None
    assert found.provider.readers == {"toc-hub": "bromley-spa"}
    assert served_by(Settings(oidc=str(path)), PLACE.readers) is None, "nobody is served unasked"
    with pytest.raises(Misconfigured, match="HOMEWARD_BEHIND_TLS"):
        oidc_of(Settings(oidc=str(path), host="0.0.0.0", bind_anywhere=True), PLACE.readers)
    for wrong, why in (
        (text.replace(ISSUER, "http://login.example") + '[readers]\na = "lbb"\n', "https"),
        (text + 'more = "secret"\n[readers]\na = "lbb"\n', "more"),
        (text + '[readers]\na = "operator"\n', "operator"), (text + '[readers]\na = "nobody"\n', "no reader"),
        ("issuer", "TOML"),
    ):  # fmt: skip
        path.write_text(wrong, "utf-8")
        with pytest.raises(Misconfigured, match=why):
            oidc_of(Settings(oidc=str(path)), PLACE.readers)
    assert load_oidc("") is None
