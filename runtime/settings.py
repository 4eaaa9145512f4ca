"""Every setting, in one frozen object read from the environment. `homeward doctor` prints it, secrets masked.

A setting is `HOMEWARD_<NAME>`, except `KAFKA_BOOTSTRAP`, `ENGINE` and `REQUIRE_KAFKA` (design.md §9).
Secrets are references.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.clock import Clock, clock_of
from runtime.errors import Misconfigured
from runtime.pseudonym import KeyRing


class Settings(BaseSettings):
    """All settings of a process; see each field's text."""

    model_config = SettingsConfigDict(
        env_prefix="HOMEWARD_", frozen=True, populate_by_name=True, hide_input_in_errors=True, extra="ignore"
    )

    kafka_bootstrap: str = Field("", validation_alias=AliasChoices("KAFKA_BOOTSTRAP", "kafka_bootstrap"))
    """`host:port[,host:port]` of the cluster."""
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"] = "PLAINTEXT"
    """Security protocol of every Kafka client."""
    kafka_sasl_mechanism: Literal["", "SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = ""
    """SASL mechanism, with SASL_*."""
    kafka_username: str = ""
    """SASL user."""
    kafka_password_ref: str = ""
    """Name of the environment variable with the SASL password."""
    kafka_ca_file: str = ""
    """CA certificates, with SSL."""
    kafka_cert_file: str = ""
    """Client certificate for mTLS."""
    kafka_key_file: str = ""
    """Client key for mTLS."""
    replication: int = Field(1, ge=1, le=9)
    """Replication factor of topics `topics apply` creates (production: 3)."""
    partitions: int = Field(0, ge=0, le=1024)
    """Partition count of all person topics; 0: as in topics.toml."""
    engine: Literal["batch", "stock"] = Field("batch", validation_alias=AliasChoices("ENGINE", "engine"))
    """`batch`: our fold inside Faust; `stock`: ordinary agents and Tables."""
    require_kafka: bool = Field(False, validation_alias=AliasChoices("REQUIRE_KAFKA", "require_kafka"))
    """Tests: no real Kafka is a failure."""
    place: str = "bromley"
    """Name of a file in `places/`."""
    profile: str = ""
    """A further TOML of partners, beside the place's."""
    clock: str = ""
    """`<ISO start>@<speed>`: a simulated wall clock; refused with a real partner."""
    clock_anchor: str = ""
    """Real epoch seconds at the simulated start, shared by all processes."""
    key_ref: str = "offline"
    """Pseudonym keys: `env:NAME`, `file:PATH` or `offline` (a public, fixed key)."""
    cache: Path = Path(".cache")
    """Folder for the broker's jars."""
    state: Path = Path(".homeward")
    """Folder for local state and logs of started brokers."""
    drop: Path = Path(".homeward/drop")
    """Folder whose `<partner>/` sub-folders receive files."""
    records: Path = Path(".homeward/records")
    """Folder of signed partner records `<partner>.json` (IG-26)."""
    host: str = "127.0.0.1"
    """Address that server sockets bind."""
    bind_anywhere: bool = False
    """Allow `host` to be other than loopback (containers)."""
    mllp_port: int = Field(2575, ge=0, le=65535)
    """First MLLP port; further MLLP partners take the next ones; 0: free ones."""
    mllp_cert_file: str = ""
    """Server certificate: MLLP is spoken over TLS."""
    mllp_key_file: str = ""
    """Its key."""
    mllp_client_ca_file: str = ""
    """CA of the senders' certificates: mutual TLS."""
    intake_port: int = Field(8081, ge=0, le=65535)
    """HTTP intake of the connectors process."""
    reader: str = ""
    """A reader of the place, by name or role, as whom the read API serves whoever is not signed in; empty:
    nobody where there are accounts, else the `operator`, who sees everything, on loopback alone.
    """
    accounts: str = ""
    """File with the accounts that may sign in to the board (`homeward account add`); empty: nobody may, and
    only the read API serves.
    """
    oidc: str = ""
    """File with the organisation's OpenID provider that people sign in to the board with (docs/board.md)."""
    audit: str = ""
    """The board's audit file; empty: `audit.jsonl` in the state folder."""
    board_store: str = ""
    """Where the board keeps what it has read: `sqlite:///FILE`, `postgresql://HOST/NAME` (no password in it:
    PGPASSFILE), or `memory`; empty: `board.sqlite3` in the state folder.
    """
    behind_tls: bool = False
    """TLS ends in front of the board: cookies are for it alone. Without it, signing in is for loopback."""
    intake_url: str = ""
    """Where the board sends what people decide; empty: the intake on this machine."""
    board_port: int = Field(8080, ge=0, le=65535)
    """The board and read API."""
    registry_port: int = Field(8082, ge=0, le=65535)
    """The schema registry's HTTP API."""
    worker_port: int = Field(0, ge=0, le=65535)
    """The worker's health and metrics; 0: a free one, named in its log line `worker.ready`."""
    notices_port: int = Field(0, ge=0, le=65535)
    """Health and metrics of `homeward run notices`; 0: a free one, named in its log line `notices.ready`."""
    accept_parked: bool = False
    """The worker is ready however many persons are parked: somebody has looked (design.md §4 law 8)."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least level that is logged."""

    @cached_property
    def wall(self) -> Clock:
        """The process's wall clock."""
        return clock_of(self.clock, self.clock_anchor)

    @cached_property
    def keys(self) -> KeyRing:
        """The pseudonym keys behind `key_ref`."""
        return KeyRing.of_reference(self.key_ref)

    def bootstrap(self) -> str:
        """The cluster's address, or Misconfigured where none is set."""
        if not self.kafka_bootstrap:
            raise Misconfigured(
                "KAFKA_BOOTSTRAP is not set: host:port of a cluster (`make kafka` starts one)"
            )
        return self.kafka_bootstrap


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def load_settings(**given: Any) -> Settings:
    """The settings of the environment, `given` before them.

    Raises Misconfigured naming settings, never values.
    """
    try:
        settings = Settings(**given)
    except ValidationError as exc:
        said = "; ".join(f"{_spoken(e['loc'])}: {e['msg']}" for e in exc.errors(include_input=False))
        raise Misconfigured(f"settings: {said}") from None
    if settings.host not in LOOPBACK and not settings.bind_anywhere:
        raise Misconfigured("HOMEWARD_HOST: not a loopback address; set HOMEWARD_BIND_ANYWHERE=1 to mean it")
    return settings


def variable(name: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[name].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"HOMEWARD_{name.upper()}"


def _spoken(location: tuple[int | str, ...]) -> str:
    first = str(location[0]) if location else ""
    return variable(first) if first in Settings.model_fields else first
