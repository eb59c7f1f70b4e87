"""What can go wrong with issuers."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Invalid


class IssuerInvalid(Invalid):
    """Fields that contradict each other, or an address that no issuer can have."""

    code = "issuer_invalid"
    title = "No issuer can be made of this"
    hint = "Mend what is named."


class KeysRefused(Invalid):
    """The keys of an issuer could not be had, or are none that a gateway may trust. ``reason`` is a stable code."""

    code = "issuer_keys_refused"
    title = "The keys of this issuer cannot be used"
    hint = "Check the address, or give the keys themselves as a JWK Set."

    def __init__(self, reason: str, detail: str, *, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint, extra={"reason": reason})
        self.reason = reason


class IssuerTaken(Conflict):
    """Another issuer of this hub has this URL: a token's ``iss`` must lead to one set of keys."""

    code = "issuer_taken"
    title = "This hub knows an issuer with this URL already"
    hint = "Use that one; if you do not see it, ask an administrator to make it one of the hub."


class IssuerInUse(Conflict):
    """Policies or apps' clients rest on it."""

    code = "issuer_in_use"
    title = "This issuer is in use"
    hint = "Take it out of the policies and revoke the clients first."
