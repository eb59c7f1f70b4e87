"""What the hub's own routes take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from waypost.kit.text import ONE_LINE, shape

ADDRESS = shape(r"^(https?://[^\s\x00-\x1f]+)?$", "empty, or an address that begins with https:// or http://")
LOGO = shape(
    r"^(/[A-Za-z0-9._~-][A-Za-z0-9._~/-]*|data:image/(png|svg\+xml|jpeg|webp);base64,[A-Za-z0-9+/=]+)?$",
    "empty, a path of this hub, or a PNG, SVG, JPEG or WebP picture as a data: address",
)
COLOUR = shape(r"^(#[0-9a-fA-F]{6})?$", "empty, or a colour of six hex digits such as `#2563eb`")
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=ONE_LINE)]
Tagline = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=ONE_LINE)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=ADDRESS)]
Logo = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64_000, pattern=LOGO)]


class HubRead(BaseModel):
    """How this hub presents itself; for everybody."""

    name: str
    tagline: str
    logo_url: str
    primary_color: str
    signup: str = Field(description="closed | open")
    support_url: str
    gateways_origins: list[str] = Field(description="Origins of the gateways, for calls from the browser")
    demo: bool = Field(description="Demo content is there")
    revision: int
    may: list[str]


class HubUpdate(BaseModel):
    """What administrators change. Logos are a path on this hub or a small data: image, never another host's."""

    model_config = ConfigDict(extra="forbid")

    name: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=ONE_LINE)] | None
    ) = None
    tagline: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=ONE_LINE)] | None = None
    logo_url: Logo | None = None
    primary_color: Annotated[str, StringConstraints(pattern=COLOUR)] | None = None
    signup: Literal["closed", "open"] | None = None
    support_url: Url | None = None
