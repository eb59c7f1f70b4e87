"""What can go wrong with apps and credentials."""

from __future__ import annotations

from waypost.kit.errors import Conflict, FieldError, Invalid, Unavailable


class CredentialEnded(Conflict):
    """A revoked or expired credential cannot be rotated."""

    code = "credential_ended"
    title = "This key has ended"
    hint = "Create a new key for the app."


class CredentialRotating(Conflict):
    """It was rotated already and is in its overlap."""

    code = "credential_rotating"
    title = "This key was already rotated"
    hint = "Rotate the key that replaced it, or revoke this one."


class BadExpiry(Invalid):
    """An end in the past, or an overlap longer than allowed."""

    code = "bad_expiry"
    title = "This end is not possible"
    hint = "Choose a moment in the future, within what the hub allows."


class TooManyCredentials(Conflict):
    """An app has a bounded number of keys."""

    code = "too_many_credentials"
    title = "This app has too many keys"
    hint = "Revoke keys that are no longer used."


class BadCredential(Invalid):
    """The fields of a new credential do not make one of its kind."""

    code = "bad_credential"
    title = "No credential can be made of this"
    hint = "Mend what is named."


class CredentialTaken(Conflict):
    """This certificate, or this client of this issuer, belongs to an app already: calls must resolve to one app."""

    code = "credential_taken"
    title = "This is registered with an app already"
    hint = "Revoke it there first; if that app is not yours, ask an administrator of this hub to do so."


class ProofNeeded(Invalid):
    """A client or a certificate that anybody may know of: who registers it shows that it is theirs."""

    code = "proof_needed"
    title = "Show that this is yours"
    hint = "Give the proof, or ask an administrator of this hub to register it for your app."


class ProofRefused(Invalid):
    """What was shown proves nothing. ``reason`` in the answer is a stable code."""

    code = "proof_refused"
    title = "This does not show that it is yours"
    hint = "Mend what is named."

    def __init__(self, reason: str, error: FieldError) -> None:
        super().__init__(f"{error.pointer}: {error.message}", errors=[error], extra={"reason": reason})


class IssuerUnreachable(Unavailable):
    """The token may be in order, but the hub could not fetch its issuer's keys lately."""

    code = "issuer_unreachable"
    title = "The keys of this issuer cannot be fetched at the moment"
    hint = "Try again when the issuer answers; its maintainers see under Issuers what is wrong."


class NothingToRotate(Conflict):
    """An outside client has no secret here."""

    code = "nothing_to_rotate"
    title = "The hub holds no secret of this client"
    hint = "Rotate the secret at its issuer; here nothing changes."
