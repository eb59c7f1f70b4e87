"""Certificates for tests, and what proves them."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def certificate(
    now: datetime, *, name: str = "planner", days: int = 30, key: Key | None = None
) -> tuple[str, str, str]:
    """PEM, lower-case fingerprint, and the private key's PEM of a self-signed certificate that ends after ``days``."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return pem, made.fingerprint(hashes.SHA256()).hex(), private.decode()


def signed(private: str, text: str) -> str:
    """A private key's signature over ``text`` in Base64."""
    key: Any = serialization.load_pem_private_key(private.encode(), None)
    match key:
        case rsa.RSAPrivateKey():
            made = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        case ec.EllipticCurvePrivateKey():
            made = key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        case _:
            made = key.sign(text.encode())
    return base64.b64encode(made).decode()
