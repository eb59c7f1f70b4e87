"""Upstream addresses: what is normal, what never is one, what a setting allows."""

from __future__ import annotations

import pytest

from waypost.application.catalog.errors import UpstreamInvalid
from waypost.application.catalog.upstreams import check_upstream, usable_upstream

NEVER = [
    "",
    "orders",
    "/relative",
    "ftp://a.example",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http://user:secret@a.example",
    "http://@a.example",
    "http://a.example/?q=1",
    "http://a.example/#f",
    "http://a.example/a/../b",
    "http://a.example:0",
    "http://a.example:99999",
    "http://a.example:port",
    "http://a b.example",
    "http://a.example/\r\nx: y",
    "http://a.example\\@b.example",
    "http://bücher.example",
    "http://-a.example",
    "http://a..example",
    "http://{host}.example",
    "http://169.254.169.254/latest",
    "http://169.254.169.254.",
    "http://2852039166",
    "http://0xa9fea9fe",
    "http://0251.0376.0251.0376",
    "http://169.254.43518",
    "http://[fe80::1]",
    "http://[::ffff:169.254.169.254]",
    "http://[fd00:ec2::254]",
    "http://metadata.google.internal/computeMetadata",
    "http://0.0.0.0",
    "http://[::]",
    "http://224.0.0.1",
    "http://255.255.255.255",
    "http://127.1",
    f"http://a.example/{'x' * 2000}",
]
PRIVATE = [
    "http://127.0.0.1:8081",
    "http://[::1]:8081/api",
    "http://10.1.2.3",
    "http://192.168.0.1",
    "http://100.64.0.1",
    "http://[fd12::1]",
    "http://localhost:3000",
    "http://orders",
    "http://orders.internal",
]


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("url", NEVER)
def test_never_an_upstream(url: str, private: bool) -> None:
    assert not usable_upstream(url, private=private)
    with pytest.raises(UpstreamInvalid) as caught:
        check_upstream(url, private=private)
    assert caught.value.errors[0].pointer == "/upstream_url"


@pytest.mark.parametrize("url", PRIVATE)
def test_private_ranges_are_a_setting(url: str) -> None:
    assert usable_upstream(url, private=True)
    assert not usable_upstream(url, private=False)


def test_public_addresses_are_fine_and_lose_their_last_slash() -> None:
    assert check_upstream("https://a.example:8443/base/", private=False) == "https://a.example:8443/base"
    assert check_upstream("http://93.184.216.34", private=False) == "http://93.184.216.34"
    assert check_upstream("https://xn--bcher-kva.example", private=False)
