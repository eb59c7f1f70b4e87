"""From what a caller says about an issuer's keys to the keys: before any transaction is open."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.application.issuers.errors import IssuerInvalid
from waypost.application.issuers.fetching import KeySource, check_address, fetch_keys
from waypost.application.issuers.jwks import SYMMETRIC, read_jwks
from waypost.application.issuers.schemas import IssuerKeys
from waypost.contracts.importers import Fetcher
from waypost.kit.crypto import Secret
from waypost.kit.errors import FieldError

WELL_KNOWN = "/.well-known/openid-configuration"
_FIELD = {
    "discovery": "discovery_url",
    "jwks_url": "jwks_url",
    "jwks": "jwks",
    "secret": "shared_secret",
    "opaque": "opaque",
}
_SECRET_BYTES = 32
"""RFC 7518, 3.2: a key for HS256 is at least as long as its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMaterial:
    """What was found: public keys, a shared secret, or that there is neither. ``source`` as in the row."""

    source: str
    address: str = ""
    jwks: str = ""
    secret: Secret | None = None


def source_of(keys: IssuerKeys, url: str) -> tuple[str, str]:
    """(source, address). Raises IssuerInvalid where more than one is given."""
    given = {
        "discovery": keys.discovery_url,
        "jwks_url": keys.jwks_url,
        "jwks": "-" if keys.jwks else "",
        "secret": "-" if keys.shared_secret.get_secret_value() else "",
        "opaque": "-" if keys.opaque else "",
    }
    named = [(source, address) for source, address in given.items() if address]
    if len(named) > 1:
        raise IssuerInvalid(errors=[FieldError(f"/{_FIELD[name]}", "give one place of the keys") for name, _ in named])
    source, address = named[0] if named else ("discovery", url.rstrip("/") + WELL_KNOWN)
    return source, "" if address == "-" else address


async def acquire_keys(
    fetcher: Fetcher, keys: IssuerKeys, *, url: str, algorithms: tuple[str, ...], allow_http: bool
) -> KeyMaterial:
    """Read or fetch the keys. Raises IssuerInvalid, KeysRefused."""
    source, address = source_of(keys, url)
    check_algorithms(source, algorithms)
    if source == "secret":
        return KeyMaterial(source=source, secret=_secret(keys.shared_secret.get_secret_value()))
    if source == "opaque":
        return KeyMaterial(source=source)
    if source == "jwks":
        return KeyMaterial(source=source, jwks=read_jwks(keys.jwks, algorithms=algorithms))
    check_address(address, allow_http=allow_http)
    wanted = KeySource(issuer=url, source=source, address=address, algorithms=algorithms, allow_http=allow_http)
    return KeyMaterial(source=source, address=address, jwks=await fetch_keys(fetcher, wanted))


def check_algorithms(source: str, algorithms: tuple[str, ...]) -> None:
    """A public key must never be taken for a shared secret, so HS256 stands alone. Raises IssuerInvalid."""
    is_secret = source == "secret"
    if is_secret != (SYMMETRIC in algorithms) or (is_secret and len(algorithms) > 1):
        said = "HS256 goes with `shared_secret`, alone; the others go with public keys"
        raise IssuerInvalid(errors=[FieldError("/algorithms", said)])


def _secret(value: str) -> Secret:
    if len(value.encode()) < _SECRET_BYTES:
        said = f"is shorter than {_SECRET_BYTES} bytes"
        raise IssuerInvalid(errors=[FieldError("/shared_secret", said, "Use a random one.")])
    return Secret(value)
