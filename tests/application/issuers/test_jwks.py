"""What is taken of a key set that came from outside."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk

from tests.application.issuers.keys import jwks, key, kids, rsa
from waypost.application.issuers.errors import KeysRefused
from waypost.application.issuers.jwks import ASYMMETRIC, read_jwks, usable_algorithms

GOOD = key("good", alg="ES256")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


def test_private_halves_and_foreign_members_stay_out() -> None:
    text = read_jwks(jwks(key("a", private=True, x5c=["MIIB"], note="x")), algorithms=ASYMMETRIC)
    (kept,) = json.loads(text)["keys"]
    assert set(kept) == {"kty", "kid", "crv", "x", "y", "use"}


@pytest.mark.parametrize(
    "bad",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "bad", "alg": "HS256"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "bad"},
        {**GOOD, "kid": "bad", "alg": "none"},
        {**GOOD, "kid": "bad", "alg": "HS256"},
        {**GOOD, "kid": "bad", "alg": "RS256"},
        {**GOOD, "kid": "bad", "alg": "ES384"},
        {**GOOD, "kid": "bad", "use": "enc"},
        {**GOOD, "kid": "bad", "key_ops": ["encrypt"]},
        {**GOOD, "kid": "bad", "y": GOOD["x"]},
        {**GOOD, "kid": "bad", "x": "!!"},
        {**GOOD, "kid": "bad", "crv": "secp256k1"},
        {**GOOD, "kid": "x" * 501},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "bad"},
        rsa("bad", bits=1024),
        "text",
        None,
        ["kty", "EC"],
    ],
)
def test_what_no_gateway_may_trust_is_left_out(bad: object) -> None:
    assert kids(read_jwks(jwks(bad, GOOD), algorithms=ASYMMETRIC)) == ["good"]
    with pytest.raises(KeysRefused) as caught:
        read_jwks(jwks(bad), algorithms=ASYMMETRIC)
    assert caught.value.reason == "keys_none"


def test_only_keys_of_allowed_algorithms_are_kept() -> None:
    edwards = {**jwk.OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "ed", "alg": "Ed25519"}
    all_of_them = jwks(
        key("es", curve="P-256"), key("es384", curve="P-384"), rsa("rs"), rsa("ps", alg="PS256"), edwards
    )
    for algorithms, expected in (
        (["ES256"], ["es"]),
        (["ES384", "EdDSA"], ["ed", "es384"]),
        (["RS256"], ["rs"]),
        (["PS256"], ["ps", "rs"]),
    ):
        assert kids(read_jwks(all_of_them, algorithms=algorithms)) == expected
    (kept,) = json.loads(read_jwks(jwks(edwards), algorithms=["EdDSA"]))["keys"]
    assert kept["alg"] == "EdDSA"


def test_an_algorithm_without_a_key_is_none_to_ask_an_engine_for() -> None:
    text = read_jwks(jwks(rsa("a", alg="RS256"), key("b")), algorithms=ASYMMETRIC)
    assert usable_algorithms(text, ["EdDSA", "ES256", "RS256", "PS256"]) == ("ES256", "RS256")
    text = read_jwks(jwks(rsa("a")), algorithms=["PS256", "RS512"])
    assert usable_algorithms(text, ["RS512", "PS256", "ES256"]) == ("RS512", "PS256")
    assert usable_algorithms("", ["RS256"]) == ()


def test_the_same_keys_in_another_order_are_the_same_text() -> None:
    keys = [key(str(number)) for number in range(5)]
    first = read_jwks(jwks(*keys), algorithms=ASYMMETRIC)
    random.Random(1).shuffle(keys)
    assert read_jwks(jwks(*[dict(reversed(list(item.items()))) for item in keys]), algorithms=ASYMMETRIC) == first


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>Sign in</html>", "keys_not_json"),
        (b"\xff\xfe", "keys_not_json"),
        (b"[" * 5000, "keys_not_json"),
        (b"[]", "keys_malformed"),
        (b"{}", "keys_malformed"),
        (b'{"keys":{}}', "keys_malformed"),
        (b'{"keys":[]}', "keys_none"),
        (jwks(*[{}] * 101), "keys_too_many"),
    ],
)
def test_wrong_content_is_refused_by_name(content: bytes, reason: str) -> None:
    with pytest.raises(KeysRefused) as caught:
        read_jwks(content, algorithms=ASYMMETRIC)
    assert caught.value.reason == reason


@given(JSON, st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "alg", "use", "key_ops", "kid"]), JSON))
def test_no_json_breaks_it(anything: object, members: dict[str, object]) -> None:
    """Whatever stands beside it, the good key comes through and nothing else does."""
    noise = [anything, members, {**members, "kty": "RSA"}, {**members, "kty": "EC", "crv": "P-256"}]
    assert kids(read_jwks(jwks(*noise, GOOD), algorithms=ASYMMETRIC)) == ["good"]
