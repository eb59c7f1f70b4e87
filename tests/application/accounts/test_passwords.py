"""What passwords are good enough, and how they are kept."""

from __future__ import annotations

import pytest

from waypost.application.accounts.errors import PasswordTooWeak
from waypost.application.accounts.passwords import check_password, hash_password, verify_password

ANN = {"email": "ann.lovelace@example.org", "name": "Ann Lovelace"}


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "Passw0rd!Password",
        "qwertyuiop123",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "ann.lovelace@example.org",
        "AnnLovelace1!",
        "annlovelace12",
        "administrator1",
        "123456789012",
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooWeak) as refused:
        check_password(password, **ANN)
    assert refused.value.errors[0].pointer == "/new_password"


@pytest.mark.parametrize(
    "password", ["a fine long sentence", "xK4#mQ9!vB2w", "пароль из слов разных", "        spaced out   x1"]
)
def test_any_characters_will_do(password: str) -> None:
    check_password(password, **ANN)


async def test_only_a_slow_hash_is_kept() -> None:
    kept = await hash_password("a fine long sentence")
    assert kept.startswith("$argon2id$")
    assert kept != await hash_password("a fine long sentence"), "each has its own salt"
    assert await verify_password(kept, "a fine long sentence")
    assert not await verify_password(kept, "a fine long sentencE")


async def test_an_account_without_password_cannot_be_signed_into() -> None:
    assert not await verify_password("", "")
    assert not await verify_password("", "no account has this password")
    assert not await verify_password("not a hash", "not a hash")
