"""What proves a client certificate, made here: its private key is read on this machine and sent nowhere."""

from __future__ import annotations

import base64
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from waypost.interaction.cli.asking import ask


def sign(challenge: str, key_file: Path) -> str:
    """The signature of the key in ``key_file`` (PEM, asking for its password) over a challenge, in Base64."""
    return base64.b64encode(_signed(_key(key_file.read_bytes()), challenge.encode())).decode()


def _key(pem: bytes, password: bytes | None = None) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, password)
    except TypeError:  # it is encrypted
        return _key(pem, ask("Password of the private key", instead="give it on standard input", secret=True).encode())
    except ValueError as error:
        raise typer.BadParameter("This is no private key in PEM, or the password is another.") from error


def _signed(key: PrivateKeyTypes, data: bytes) -> bytes:
    match key:
        case rsa.RSAPrivateKey():
            return key.sign(data, padding.PKCS1v15(), SHA256())
        case ec.EllipticCurvePrivateKey():
            return key.sign(data, ec.ECDSA(SHA256()))
        case ed25519.Ed25519PrivateKey():
            return key.sign(data)
        case _:
            raise typer.BadParameter("Keys of this kind cannot sign a challenge; use an RSA or EC key.")
