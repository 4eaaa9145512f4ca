"""Signing in with a real OpenID provider (npm's oidc-provider, certified by the OpenID Foundation), run on
this machine; skipped, with the reason, where Node.js or its registry cannot be had.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from board.access.oidc import Oidc, Provider
from runtime.brokers.process import free_port
from tests.board.ward import Browser, Site, site_of

HERE = Path(__file__).parent / "provider"
SECRET = "a secret of the test that is long enough"
BACK = "http://127.0.0.1:{}/sign-in/oidc/back"
INSTALL_SECONDS = 180
ACTION = re.compile(r'<form[^>]*action="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Its address, and the board's as registered there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("no Node.js: the OpenID provider of the tests cannot be run")
    folder = tmp_path_factory.mktemp("provider")
    for file in HERE.iterdir():
        shutil.copy(file, folder)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    try:
        subprocess.run(
            [npm, "install", *quiet], cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as exc:
        pytest.skip(f"npm's oidc-provider cannot be had here: {type(exc).__name__}")
    back = BACK.format(free_port())
    command = [node, "provider.mjs", back, SECRET]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        issuer = process.stdout.readline().strip()
        if not issuer:
            pytest.skip(f"npm's oidc-provider does not run on this Node.js: ended with {process.wait(60)}")
        yield issuer, back
    finally:
        process.kill()
        process.wait(60)
        process.stdout.close()


@pytest.fixture
def site(provider: tuple[str, str], tmp_path: Path) -> Site:
    """A board that trusts it."""
    issuer, back = provider
    about = Provider(
        issuer=issuer, client_id="homeward", client_secret_ref="X", redirect_uri=back, claim="groups",
        readers={"toc-hub": "bromley-spa", "brokerage": "lbb"}, name_claim="preferred_username",
    )  # fmt: skip
    found = site_of(5, tmp_path / "audit.jsonl")
    found.oidc = Oidc(about, SECRET)
    return found


def through(url: str, name: str) -> dict[str, Any]:
    """Through the provider's own pages as somebody; what comes back to the board."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        reply = client.get(url)
        for _ in range(20):
            if reply.is_redirect:
                to = urljoin(str(reply.url), reply.headers["location"])
                if "/sign-in/oidc/back" in to:
                    return dict(httpx.URL(to).params)
                reply = client.get(to)
                continue
            action = ACTION.search(reply.text)
            assert action is not None, reply.text[:500]
            fields = dict(HIDDEN.findall(reply.text))
            if fields.get("prompt") == "login":
                fields |= {"login": name, "password": "any"}
            reply = client.post(urljoin(str(reply.url), action[1]), data=fields)
    raise AssertionError("the provider never let go")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sees"), [("a.reid", "/worklist"), ("b.moss", "/worklist"), ("c.vale", "")])
def test_roles_come_from_the_provider_s_claim(site: Site, name: str, sees: str) -> None:
    """The hub's, the council's, and somebody who has an account there and no role here."""
    with Browser(site) as browser:
        sent = browser.get("/sign-in/oidc").headers["location"]
        said = through(sent, name)
        reply = browser.get(f"/sign-in/oidc/back?{httpx.QueryParams(said)}")
        if not sees:
            assert (reply.status_code, "no role here" in reply.text) == (403, True)
            assert browser.get("/worklist").status_code == 303
            return
        assert (reply.status_code, f"url={sees}" in reply.text) == (200, True)
        page = browser.get(sees)
        wanted = {"a.reid": "Bromley single point", "b.moss": "London Borough of Bromley"}[name]
        assert f"{name}, {wanted}" in page.text
        again = browser.get(f"/sign-in/oidc/back?{httpx.QueryParams(said)}")
        assert again.status_code == 403, "a code counts once"
