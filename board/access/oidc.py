"""Sign-in with an organisation's own provider: OpenID Connect Core 1.0, authorisation code flow with PKCE
(RFC 7636), ID token checked as §3.1.3.7 says.

In: `HOMEWARD_OIDC`, a TOML file naming the provider and which value of which claim reads as which reader of
the place. Out: where a browser is sent; whose it is that comes back. Nothing that a provider says in an error
is shown or logged. A token that says two readers, or none, lets nobody in.
"""

from __future__ import annotations

import base64
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from runtime.errors import Misconfigured
from runtime.settings import LOOPBACK

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures by a key of the provider alone: none, and none by a shared secret."""
LEEWAY_SECONDS: Final = 60
PENDING_SECONDS: Final = 600.0
PENDING_MOST: Final = 1_000
TIMEOUT_SECONDS: Final = 10.0
SCOPE: Final = "openid profile"


class NotLetIn(Exception):
    """Whoever came back is nobody here; the text says why, and nothing of them."""


class Provider(BaseModel):
    """One OpenID provider."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: str
    client_id: str
    client_secret_ref: str
    """Name of the environment variable with the client's secret."""
    redirect_uri: str
    """This board's `/sign-in/oidc/back`, as registered with the provider."""
    claim: str
    """Whose values say the role: a text or a list of texts."""
    readers: dict[str, str]
    """Value of the claim -> reader of the place."""
    name_claim: str = "sub"
    """Whose value the audit names the person by."""
    title: str = "your organisation's account"
    scope: str = SCOPE


class Pending(BaseModel):
    """A browser that was sent to the provider. `binding` lies in its cookie."""

    nonce: str
    verifier: str
    binding: str
    after: str
    until: float


@dataclass
class Oidc:
    """The flow. Times are seconds of a clock that never goes back."""

    provider: Provider
    secret: str = field(repr=False)
    client: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(
        timeout=TIMEOUT_SECONDS, trust_env=False
    )
    _about: dict[str, Any] = field(default_factory=dict)
    _pending: dict[str, Pending] = field(default_factory=dict, repr=False)

    async def begin(self, after: str, now: float) -> tuple[str, str]:
        """Where to send a browser, and what to bind it with. Raises NotLetIn: the provider is away."""
        about = await self._discovered()
        state, one = secrets.token_urlsafe(24), Pending(
            nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
            binding=secrets.token_urlsafe(24), after=after, until=now + PENDING_SECONDS,
        )  # fmt: skip
        self._pending = {key: kept for key, kept in self._pending.items() if kept.until > now}
        while len(self._pending) >= PENDING_MOST:
            self._pending.pop(next(iter(self._pending)))
        self._pending[state] = one
        asked = {
            "response_type": "code", "client_id": self.provider.client_id, "scope": self.provider.scope,
            "redirect_uri": self.provider.redirect_uri, "state": state, "nonce": one.nonce,
            "code_challenge": _challenge(one.verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{about['authorization_endpoint']}?{urlencode(asked)}", one.binding

    async def back(self, said: Mapping[str, str], binding: str, now: float) -> tuple[str, str, str]:
        """Who comes back, as which reader, and where they wanted to go. Raises NotLetIn."""
        one = self._pending.pop(said.get("state", ""), None)
        if one is None or one.until <= now or not secrets.compare_digest(one.binding, binding):
            raise NotLetIn("it took too long, or began in another browser")
        if "code" not in said or said.get("iss", self.provider.issuer) != self.provider.issuer:
            raise NotLetIn("the provider did not let you in")
        claims = await self._claims(await self._token(said["code"], one.verifier), one.nonce)
        return str(claims.get(self.provider.name_claim) or claims["sub"]), self._reader(claims), one.after

    def _reader(self, claims: Mapping[str, Any]) -> str:
        values = claims.get(self.provider.claim)
        held = values if isinstance(values, list) else [values]
        known = self.provider.readers
        found = {known[one] for one in held if isinstance(one, str) and one in known}
        if len(found) != 1:
            raise NotLetIn(f"your account has {'two roles' if found else 'no role'} here")
        return found.pop()

    async def _token(self, code: str, verifier: str) -> str:
        fields = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
            "redirect_uri": self.provider.redirect_uri,
        }  # fmt: skip
        url = (await self._discovered())["token_endpoint"]
        found = await self._asked("POST", url, data=fields, auth=(self.provider.client_id, self.secret))
        return str(found.get("id_token", ""))

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of a token that is the provider's, for us, for this sign-in, and still good."""
        keys = await self._asked("GET", (await self._discovered())["jwks_uri"])
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS, iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": self.provider.client_id}, exp={"essential": True},
            iat={"essential": True}, sub={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            rules.validate(found.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise NotLetIn("the provider's word could not be checked") from None
        if found.claims.get("azp", self.provider.client_id) != self.provider.client_id:
            raise NotLetIn("the provider's word is for somebody else")
        return found.claims

    async def _discovered(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0), once."""
        if not self._about:
            issuer = self.provider.issuer
            found = await self._asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise NotLetIn("the provider calls itself another name")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if any(not is_private(str(found.get(name, ""))) for name in wanted):
                raise NotLetIn("the provider does not say where it is, or says it over an open wire")
            self._about = found
        return self._about

    async def _asked(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        try:
            async with self.client() as client:
                reply = await client.request(method, url, **given)
                found = reply.json() if reply.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise NotLetIn("the provider does not answer as it should")
        return found


def is_private(url: str) -> bool:
    """Whether nobody on the way reads along: TLS, or this machine."""
    parts = urlsplit(url)
    return bool(parts.netloc) and (parts.scheme == "https" or parts.hostname in LOOPBACK)


def load_oidc(path: str) -> Oidc | None:
    """The provider of a file; none where none is named. Raises Misconfigured, never with what is in it."""
    if not path:
        return None
    try:
        said = Provider.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except ValidationError as exc:
        names = ", ".join(".".join(map(str, one["loc"])) for one in exc.errors(include_input=False))
        raise Misconfigured(f"HOMEWARD_OIDC: {names}: missing, unknown or of the wrong kind") from None
    except (OSError, ValueError):
        raise Misconfigured("HOMEWARD_OIDC: not readable, or not TOML") from None
    if not is_private(said.issuer) or not is_private(said.redirect_uri):
        raise Misconfigured("HOMEWARD_OIDC: issuer and redirect_uri are https, or on this machine")
    secret = os.environ.get(said.client_secret_ref, "")
    if not secret:
        raise Misconfigured(f"{said.client_secret_ref} is not set: the secret that HOMEWARD_OIDC refers to")
    return Oidc(said, secret)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
