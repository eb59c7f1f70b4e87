"""The kinds of credentials, and what a gateway makes of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from waypost.contracts.vocab import CredentialKind


class AppCredentialKind(StrEnum):
    """What an app may call with."""

    KEY = "key"
    BASIC = "basic"
    OAUTH_CLIENT = "oauth_client"
    EXTERNAL_CLIENT = "external_client"
    CERTIFICATE = "certificate"


GRANT_KINDS: Mapping[str, CredentialKind] = {
    AppCredentialKind.KEY: CredentialKind.KEY,
    AppCredentialKind.BASIC: CredentialKind.BASIC,
    AppCredentialKind.OAUTH_CLIENT: CredentialKind.CLIENT,
    AppCredentialKind.EXTERNAL_CLIENT: CredentialKind.CLIENT,
    AppCredentialKind.CERTIFICATE: CredentialKind.CERTIFICATE,
}
"""A credential's kind -> the kind of its grants: engines do not tell whose issuer made a client."""
