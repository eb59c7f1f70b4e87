"""Secrets leave a configuration before it is kept, and come back only for a gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from waypost.application.policies.errors import PolicyInvalid
from waypost.application.policies.secrets import fill, redacted, seal, split, unseal
from waypost.information.secrets import KeyRing

HEADERS: dict[str, Any] = {
    "request_set": [
        {"name": "x-plain", "value": "seen", "secret": False},
        {"name": "authorization", "value": "Basic aHVzaA==", "secret": True},
    ],
    "request_remove": ["cookie"],
}


def test_what_is_secret_is_taken_out_sealed_and_put_back(tmp_path: Path) -> None:
    keyring = KeyRing.load(tmp_path / "ring.json")
    masked, values = split(HEADERS)
    assert "aHVzaA" not in str(masked)
    assert masked["request_set"][0]["value"] == "seen"
    sealed = seal(keyring, values)
    assert "aHVzaA" not in sealed
    assert fill(masked, unseal(keyring, sealed)) == HEADERS
    assert seal(keyring, {}) == ""
    assert unseal(keyring, "") == {}


def test_an_empty_value_keeps_what_is_kept_and_a_new_one_replaces_it() -> None:
    masked, values = split({"enabled": True, "client_secret": "first"})
    assert split(fill(masked, values))[1] == {"client_secret": "first"}
    assert split(fill({**masked, "client_secret": "second"}, values))[1] == {"client_secret": "second"}


def test_a_secret_that_nobody_gave_is_asked_for() -> None:
    with pytest.raises(PolicyInvalid) as caught:
        split({"request_set": [{"name": "a", "value": "", "secret": True}]})
    assert caught.value.errors[0].pointer == "/config/request_set/0/value"
    assert split({"enabled": False, "client_secret": ""})[1] == {}


def test_eyes_see_no_secret() -> None:
    assert redacted(HEADERS)["request_set"][1]["value"] == "[redacted]"
    assert HEADERS["request_set"][1]["value"] == "Basic aHVzaA==", "the original is left alone"


def test_two_secrets_of_one_name_are_two() -> None:
    config = {"request_add": [{"name": "a", "value": value, "secret": True} for value in ("1", "2")]}
    masked, values = split(config)
    assert fill(masked, values) == config
