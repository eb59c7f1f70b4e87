"""Every setting of the hub: ``WAYPOST_<NAME>``, then the file that ``WAYPOST_ENV_FILE`` names, then defaults."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIB = 1024 * 1024
TOKEN_VARIABLE = "WAYPOST_ENROLMENT_TOKEN"  # noqa: S105 - the name of a variable, no setting of the hub


class Settings(BaseSettings):
    """Read once at start. Field descriptions are the reference page."""

    model_config = SettingsConfigDict(env_prefix="WAYPOST_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("waypost")),
        description="Folder of the database, analytics, key ring and embedded gateway; empty: the user's data folder.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="`sqlite:///path` or `postgresql://user:password@host/name`; empty: SQLite in the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the hub listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that the hub listens on; 0 picks a free one.")
    public_url: str = Field(default="", description="How browsers and agents reach the hub; empty: its own address.")
    gateway_host: str = Field(default="127.0.0.1", description="Address that the embedded gateway listens on.")
    gateway_port: int = Field(default=8000, ge=0, le=65535, description="Port of the embedded gateway; 0: a free one.")
    gateway_public_url: str = Field(default="", description="How consumers reach the embedded gateway.")
    hub_name: str = Field(
        default="API hub", description="Name of a hub that is new; later it is changed in the portal."
    )
    admin_email: str = Field(default="admin@example.org", description="E-mail of the first administrator.")
    definition_max_bytes: int = Field(default=64 * MIB, ge=1024, description="Largest definition that may be imported.")
    session_seconds: int = Field(default=12 * 3600, ge=300, description="How long a sign-in lasts at most.")
    private_upstreams: bool = Field(
        default=True, description="Whether gateways may call upstreams in private ranges and on loopback."
    )
    geoip_database: str = Field(
        default="", description="Database of countries in MaxMind's format, for gateways that look addresses up."
    )
    fetch_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Private hosts and CIDR ranges, comma-separated, from which definitions and keys may be fetched.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Addresses of proxies, comma-separated, whose X-Forwarded-* headers are believed."
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="Bearer token for `/metrics`; empty: only loopback may read it."
    )
    log_level: str = Field(default="info", description="debug, info, warning or error.")
    log_format: str = Field(default="auto", description="json, text, or auto: text on a terminal.")

    @classmethod
    def load(cls, **overrides: object) -> Settings:
        """Settings from the environment, with the options of a command line over them (None = not given)."""
        given = {name: value for name, value in overrides.items() if value is not None}
        return cls(_env_file=os.environ.get("WAYPOST_ENV_FILE"), **given)  # type: ignore[arg-type]

    @field_validator("fetch_allow", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @cached_property
    def store_url(self) -> str:
        """The relational store's URL, with its password: never log it."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'waypost.db'}"
