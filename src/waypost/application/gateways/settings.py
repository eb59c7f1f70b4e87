"""What holds for a whole gateway, as administrators set it: whom it trusts to name callers, sizes, a TLS listener."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from waypost.application.context import Context
from waypost.application.gateways.errors import CapabilityMissing, SettingsInvalid
from waypost.application.policies.kinds.fields import Networks
from waypost.contracts.drivers import Capability
from waypost.contracts.ir import ListenerTls
from waypost.information.models import GatewayRow
from waypost.information.secrets import KeyRing
from waypost.kit.crypto import Secret
from waypost.kit.errors import FieldError

_PEM_MOST = 200_000


class TlsListener(BaseModel):
    """A second listener, with TLS. PEM texts."""

    model_config = ConfigDict(extra="forbid")

    port: StrictInt = Field(ge=1, le=65_535, examples=[8443])
    certificate: str = Field(max_length=_PEM_MOST, description="The chain, the gateway's own certificate first.")
    key: str = Field(
        "",
        max_length=_PEM_MOST,
        description="Kept sealed and never shown; empty = the one that is kept.",
        json_schema_extra={"writeOnly": True},
    )
    client_ca: str = Field(
        "", max_length=_PEM_MOST, description="Authorities that sign callers' certificates; empty = none is asked for."
    )


class GatewayOptions(BaseModel):
    """What holds for every API on the gateway."""

    model_config = ConfigDict(extra="forbid")

    trusted_proxies: Networks = Field(
        [], description="Load balancers in front: their `X-Forwarded-For` names the caller's address."
    )
    max_request_bytes: StrictInt = Field(10 * 1024 * 1024, ge=1, le=10_737_418_240, description="Above answers 413.")
    x_ratelimit_headers: StrictBool = Field(False, description="The older `X-RateLimit-*` beside `RateLimit`.")
    tls: TlsListener | None = Field(None, description="Client certificates (policy `mtls`) need one with `client_ca`.")


def set_options(ctx: Context, row: GatewayRow, options: GatewayOptions) -> None:
    """Keep ``options``, the private key sealed. Raises SettingsInvalid, CapabilityMissing."""
    kept = row.sealed_tls_key if options.tls else ""
    key = options.tls.key if options.tls else ""
    if options.tls is not None:
        opened = ctx.parts.keyring.open(kept) if kept and not key else Secret(key)
        errors = _wrong_tls(options.tls, opened)
        if errors:
            raise SettingsInvalid(errors[0].message, errors=errors)
    known = row.capabilities
    if options.trusted_proxies and known is not None and Capability.TRUSTED_PROXIES not in known:
        message = f"{row.engine} on {row.name} cannot do `{Capability.TRUSTED_PROXIES}`"
        raise CapabilityMissing(message, errors=[FieldError("/settings/trusted_proxies", message)])
    row.settings = options.model_dump(mode="json", exclude={"tls": {"key"}})
    row.sealed_tls_key = ctx.parts.keyring.seal(key) if key else kept


def read_options(row: GatewayRow) -> GatewayOptions:
    """The options as they are shown: without the private key."""
    return GatewayOptions.model_validate(row.settings)


def listener_ir(options: GatewayOptions, sealed_key: str, keyring: KeyRing) -> ListenerTls | None:
    """The TLS listener with its key opened; None where there is none."""
    tls = options.tls
    if tls is None or not sealed_key:
        return None
    return ListenerTls(
        port=tls.port, certificate=tls.certificate, key=keyring.open(sealed_key), client_ca=tls.client_ca
    )


def _wrong_tls(tls: TlsListener, key: Secret) -> list[FieldError]:
    chain = _read(lambda: x509.load_pem_x509_certificates(tls.certificate.encode()))
    private = _read(lambda: load_pem_private_key(key.reveal().encode(), password=None))
    errors = []
    if chain is None:
        errors.append(FieldError("/settings/tls/certificate", "this is no certificate in PEM form"))
    if private is None:
        hint = "Give the private key in PEM form, without a passphrase."
        errors.append(FieldError("/settings/tls/key", "this is no private key", hint))
    if chain and private and _public(chain[0].public_key()) != _public(private.public_key()):
        errors.append(FieldError("/settings/tls/key", "this key does not belong to the first certificate"))
    for name, text in (("certificate", tls.certificate), ("client_ca", tls.client_ca)):
        if "PRIVATE KEY" in text:
            hint = "Leave only certificates here; the key has its own place, where it is sealed."
            errors.append(FieldError(f"/settings/tls/{name}", "a private key stands in this text", hint))
    if tls.client_ca and _read(lambda: x509.load_pem_x509_certificates(tls.client_ca.encode())) is None:
        errors.append(FieldError("/settings/tls/client_ca", "this is no certificate in PEM form"))
    return errors


def _read(load: Callable[[], Any]) -> Any:
    try:
        return load()
    except (ValueError, TypeError):
        return None


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
