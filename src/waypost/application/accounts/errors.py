"""What can go wrong with people, sign-in and tokens."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Forbidden, Invalid, TooManyRequests, Unauthenticated


class SignInRefused(Unauthenticated):
    """Wrong e-mail or password, or a spent link: the caller is not told which."""

    code = "sign_in_refused"
    title = "This does not sign you in"
    hint = "Check e-mail and password, or ask an administrator for a fresh one-time link."


class TooManyAttempts(TooManyRequests):
    """Too many failed sign-ins for this account or from this address."""

    code = "too_many_attempts"
    title = "Too many failed sign-ins"
    hint = "Wait for the seconds in `Retry-After`, then try again."


class PasswordTooWeak(Invalid):
    """A password that is too easy to guess."""

    code = "password_too_weak"
    title = "This password is too easy to guess"
    hint = "Take 12 characters or more, none of your e-mail or name, no well-known password: a sentence is good."


class PasswordWrong(Forbidden):
    """The present password does not match."""

    code = "password_wrong"
    title = "The present password is not right"
    hint = "Type your present password; if it is lost, ask an administrator for a one-time link."


class SignUpClosed(Forbidden):
    """Accounts are made by administrators here."""

    code = "sign_up_closed"
    title = "Sign-up is closed"
    hint = "Ask an administrator of this hub for an account."


class EmailTaken(Conflict):
    """Another account has this e-mail."""

    code = "email_taken"
    title = "This e-mail has an account already"
    hint = "Sign in with it, or use another one."


class LastAdministrator(Conflict):
    """The hub would be left without an administrator."""

    code = "last_administrator"
    title = "This is the last administrator"
    hint = "Make somebody else an administrator first."


class OwnsThings(Conflict):
    """A person or team that still owns APIs or apps cannot be deleted."""

    code = "owns_things"
    title = "This still owns APIs or apps"
    hint = "Move or delete what it owns first, or disable the account instead."


class ScopeTooWide(Forbidden):
    """A token may not make one that can do more than itself."""

    code = "scope_too_wide"
    title = "This access token cannot give that scope"
    hint = "Make the token in the portal, or ask for scopes that the present token has."
