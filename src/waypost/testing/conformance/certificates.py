"""An authority, a listener's certificate and callers' certificates, made once per run."""

from __future__ import annotations

import functools
import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CALLERS = ("alice", "bob", "mallory", "expired")
_KEYS_OF_STRANGERS = {"mallory": "stranger"}


@functools.cache
def _key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def certificate(name: str) -> x509.Certificate:
    """The certificate called ``name``: ``authority``, ``stranger`` (another authority), ``listener``, or a caller's."""
    is_authority = name in ("authority", "stranger")
    signer = name if is_authority else _KEYS_OF_STRANGERS.get(name, "authority")
    now = datetime.now(UTC)
    ends = now - timedelta(hours=1) if name == "expired" else now + timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(signer))
        .public_key(_key(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    for extension in () if is_authority else _of_an_end(name):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(_key(signer), hashes.SHA256())


def fingerprint(name: str) -> str:
    """Lower-case hex SHA-256 of a certificate's DER."""
    return certificate(name).fingerprint(hashes.SHA256()).hex()


def subject(name: str) -> str:
    """A certificate's subject as RFC 4514 text."""
    return certificate(name).subject.rfc4514_string()


def listener(port: int) -> dict[str, Any]:
    """``GatewaySettings.tls`` in its plain form."""
    return {
        "port": port,
        "certificate": _pem("listener"),
        "key": _private_pem("listener"),
        "client_ca": _pem("authority"),
    }


@functools.cache
def client_context(name: str) -> ssl.SSLContext:
    """What a caller connects with; ``none`` shows no certificate."""
    context = ssl.create_default_context(cadata=_pem("authority"))
    context.check_hostname = False
    if name == "none":
        return context
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        path = Path(directory) / "caller.pem"
        path.touch(mode=0o600)
        path.write_text(_private_pem(name) + _pem(name))
        context.load_cert_chain(path)
    return context


def _of_an_end(name: str) -> list[x509.ExtensionType]:
    usage = ExtendedKeyUsageOID.SERVER_AUTH if name == "listener" else ExtendedKeyUsageOID.CLIENT_AUTH
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return [x509.ExtendedKeyUsage([usage]), *([names] if name == "listener" else [])]


def _name(name: str) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, "Conformance"), (NameOID.COMMON_NAME, name)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _pem(name: str) -> str:
    return certificate(name).public_bytes(serialization.Encoding.PEM).decode()


def _private_pem(name: str) -> str:
    form = serialization.PrivateFormat.PKCS8
    return _key(name).private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
