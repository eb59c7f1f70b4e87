"""Client certificates as people give them: PEM, or a SHA-256 fingerprint in any of its usual spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from waypost.application.apps.errors import BadCredential
from waypost.kit.errors import FieldError
from waypost.kit.text import shorten

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """``fingerprint``: lower-case hex SHA-256 of the DER; ``subject``: RFC 4514 text; ``ends_at``: aware UTC.

    ``key`` is its public key.
    """

    fingerprint: str
    subject: str
    ends_at: datetime
    key: CertificatePublicKeyTypes


def read_certificate(pem: str, *, now: datetime) -> ClientCertificate:
    """One X.509 certificate (RFC 5280) in PEM (RFC 7468). Raises BadCredential."""
    if "PRIVATE KEY-----" in pem:
        raise _bad("holds a private key", "Send the certificate alone, and replace this key: it has been shown.")
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise _bad("is no certificate in PEM", "It begins with -----BEGIN CERTIFICATE-----.") from None
    if len(found) != 1:
        raise _bad(f"holds {len(found)} certificates", "Send the client's own certificate, without its chain.")
    certificate = found[0]
    if certificate.not_valid_after_utc <= now:
        raise _bad("has expired", "Send the certificate that the client uses now.")
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise _bad("has a public key of an unknown kind", "Use an RSA or EC key.") from None
    digest = certificate.fingerprint(hashes.SHA256()).hex()
    return ClientCertificate(digest, _subject(certificate), certificate.not_valid_after_utc, key)


def read_fingerprint(text: str) -> str:
    """The fingerprint in lower-case hex; colons, blanks and capitals are fine. Raises BadCredential."""
    digest = re.sub(r"[:\s]", "", text).lower().removeprefix("sha256fingerprint=")
    if not _HEX.fullmatch(digest):
        hint = "Use `openssl x509 -in client.pem -noout -fingerprint -sha256`."
        raise BadCredential(errors=[FieldError("/fingerprint", "this is no SHA-256 fingerprint", hint)])
    return digest


def _subject(certificate: x509.Certificate) -> str:
    try:
        return shorten(certificate.subject.rfc4514_string(), 500)
    except ValueError:  # a name that is not one: the fingerprint is what counts
        return ""


def _bad(message: str, hint: str) -> BadCredential:
    return BadCredential(errors=[FieldError("/certificate", message, hint)])
