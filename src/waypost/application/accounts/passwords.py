"""Passwords: what is good enough (NIST SP 800-63B: length and a block list, no composition rules), and argon2id."""

from __future__ import annotations

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from waypost.application.accounts.errors import PasswordTooWeak
from waypost.kit.errors import FieldError

MIN_LENGTH = 12
_HASHER = PasswordHasher()  # argon2id, RFC 9106 low-memory profile: 64 MiB, 3 passes
_AT_ONCE = anyio.CapacityLimiter(4)  # each verification takes 64 MiB: bounds what sign-ins can ask of the machine
_DUMMY = _HASHER.hash("no account has this password")
_LEET = str.maketrans("013457", "oleast")
_COMMON_STEMS = (
    "password",
    "passwort",
    "motdepasse",
    "qwertyuiop",
    "qwertzuiop",
    "letmein",
    "iloveyou",
    "welcome",
    "administrator",
    "admin",
    "changeme",
    "1234567890",
    "0987654321",
    "abcdefghijkl",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "trustno1",
    "superman",
    "secret",
    "geheim",
    "correcthorsebatterystaple",
)


def check_password(password: str, *, email: str, name: str) -> None:
    """PasswordTooWeak when it is short, well known, or made of what everybody knows of the person."""
    problem = _weakness(password, email=email, name=name)
    if problem:
        raise PasswordTooWeak(problem, errors=[FieldError("/new_password", problem)])


def _weakness(password: str, *, email: str, name: str) -> str:
    if len(password) < MIN_LENGTH:
        return f"It has {len(password)} characters; {MIN_LENGTH} or more are needed."
    plain = "".join(character for character in password.lower() if character.isalnum())
    if len(set(plain or password)) < 5:
        return "It repeats too few characters."
    spelled = plain.translate(_LEET)
    known = [word for word in (email, email.partition("@")[0], name) if word]
    if any(_leaves_little(plain, _letters(word)) for word in known):
        return "It is made of your e-mail or name."
    if any(_leaves_little(text, stem) for text in (plain, spelled) for stem in _COMMON_STEMS):
        return "It is a variation of a well-known password."
    return ""


def _letters(word: str) -> str:
    return "".join(character for character in word.lower() if character.isalnum())


def _leaves_little(plain: str, stem: str) -> bool:
    """Without the stem fewer than six characters are left to guess."""
    return len(stem) >= 4 and stem in plain and len(plain.replace(stem, "")) < 6


async def hash_password(password: str) -> str:
    """The argon2id hash, made in a thread."""
    return await anyio.to_thread.run_sync(_HASHER.hash, password, limiter=_AT_ONCE)


async def verify_password(password_hash: str, password: str) -> bool:
    """Whether it matches. An empty hash (no account, or no password) takes as long and never does."""
    matches = await anyio.to_thread.run_sync(_verify, password_hash or _DUMMY, password, limiter=_AT_ONCE)
    return matches and bool(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
