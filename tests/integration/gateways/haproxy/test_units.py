"""The pieces of the HAProxy driver that need no engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from waypost.contracts.drivers import DriverOptions, PermanentError
from waypost.contracts.ir import ApiIR, GatewaySettings, Grant, GrantDelta, RateLimit, Route, Upstream, VersionIR
from waypost.contracts.vocab import CredentialKind, GrantState, Window
from waypost.integration.gateways.haproxy import access_log, checking, config, labels, maps
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.config import Configuration
from waypost.integration.gateways.haproxy.filters import rate_limit
from waypost.integration.gateways.haproxy.grants import GrantBook, entry_key, hashed
from waypost.integration.gateways.haproxy.labels import Label, label, read_label, window_end
from waypost.integration.gateways.haproxy.routing import routing
from waypost.integration.gateways.haproxy.runtime import _processes
from waypost.integration.gateways.haproxy.text import bare, literal, word
from waypost.kit.crypto import Secret, sha256_hex

OPTIONS = DriverOptions(gateway_id="gw", directory="/engine")
FILES = Files(
    directory="/engine",
    config="/engine/engine.cfg",
    access_log="/engine/access.log",
    master_socket="/engine/master.sock",
    peers_socket="/engine/peers.sock",
)


def grant(number: int = 1, key: str = "", **changes: object) -> Grant:
    value = key or f"key_{number}"
    given = Grant(
        id=f"grn_{number}",
        api_id="api_1",
        subscription_id=f"sub_{number}",
        app_id=f"app_{number}",
        credential_id=f"crd_{number}",
        plan_id="plv_1",
        key=Secret(value),
        key_sha256=sha256_hex(value),
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def api(*paths: str, **changes: object) -> ApiIR:
    routes = tuple(Route(id=f"op_{n}", method="GET", path=path) for n, path in enumerate(paths))
    version = VersionIR(id="ver_1", name="1", upstream=Upstream(url="http://127.0.0.1:1"), routes=routes)
    given = ApiIR(id="api_1", slug="a", name="A", base_path="/a", versions=(version,))
    return replace(given, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["plain", "it's", "''", '"$HOME" \\ #', "a b"])
def test_a_word_is_taken_to_the_letter(text: str) -> None:
    quoted = word(text)
    pieces = quoted.replace("'\"'\"'", "\0").strip("'").split("\0")
    assert "'".join(pieces) == text
    assert "\n" not in quoted


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_no_line_ends_inside_a_word(text: str) -> None:
    with pytest.raises(ValueError):
        word(text)


def test_percent_signs_are_doubled_and_ids_are_checked() -> None:
    assert literal("100% %[src]") == "100%% %%[src]"
    assert bare("api_01h.x") == "api_01h.x"
    for odd in ("a b", "a)", "a,b", "", "a'b"):
        with pytest.raises(ValueError):
            bare(odd)


def test_a_map_holds_no_entry_that_would_be_two() -> None:
    assert maps.render({"a": "1 2"}) == "a 1 2\n"
    for key, value in (("a b", "1"), ("", "1"), ("#a", "1"), ("a", "1\n2"), ("a", "")):
        with pytest.raises(ValueError):
            maps.check({key: value})


def test_payloads_fit_a_buffer_and_lose_nothing() -> None:
    entries = {f"{number:0100}": "v" * 50 for number in range(1000)}
    pieces = list(maps.payloads(entries))
    assert max(map(len, pieces)) <= maps.PAYLOAD_BYTES
    assert "\n".join(pieces).split("\n") == [f"{key} {value}" for key, value in entries.items()]


def test_the_book_says_what_differs_and_holds_hashes_only() -> None:
    book = GrantBook()
    first = grant()
    digest, known = hashed(first.key_sha256), f"~~~{first.credential_id}~"
    changes = book.apply(GrantDelta(revision=1, full=True, upsert=(first,)))
    assert changes == {f"{digest}/key/api_1": (None, label(first)), digest: (None, known)}
    assert "key_1" not in str(book.entries)
    assert book.apply(GrantDelta(revision=2, since=1, upsert=(first,))) == {}
    changes = book.apply(GrantDelta(revision=3, since=2, remove=(first.id,)))
    assert changes == {f"{digest}/key/api_1": (label(first), None), digest: (known, None)}
    assert book.entries == {}


def test_a_live_grant_decides_and_a_full_set_replaces_all() -> None:
    book = GrantBook()
    used_up = grant(1, "same", state=GrantState.EXHAUSTED, window=Window.DAY)
    live = grant(2, "same")
    book.apply(GrantDelta(revision=1, full=True, upsert=(used_up, live)))
    assert read_label(book.entries[entry_key(live)]).subscription_id == "sub_2"
    book.apply(GrantDelta(revision=2, since=1, remove=(live.id,)))
    assert read_label(book.entries[entry_key(used_up)]).subscription_id == "sub_1"
    book.apply(GrantDelta(revision=3, full=True, upsert=(grant(3),)))
    assert {key.partition("/")[0] for key in book.entries} == {hashed(sha256_hex("key_3"))}


def test_kinds_have_entries_of_their_own() -> None:
    kinds = [grant(number, "same", kind=kind) for number, kind in enumerate(CredentialKind)]
    book = GrantBook()
    book.apply(GrantDelta(revision=1, full=True, upsert=tuple(kinds)))
    assert len({entry_key(item) for item in kinds}) == len(CredentialKind)
    book.apply(GrantDelta(revision=2, since=1, remove=(kinds[0].id,)))
    assert hashed(sha256_hex("same")) not in book.entries, "only keys are known keys"


def test_an_id_that_no_map_can_hold_is_refused() -> None:
    with pytest.raises(PermanentError):
        GrantBook().apply(GrantDelta(revision=1, full=True, upsert=(grant(app_id="a b"),)))
    with pytest.raises(PermanentError):
        GrantBook().apply(GrantDelta(revision=1, full=True, upsert=(grant(app_id="a~b"),)))


def test_labels_say_who_and_until_when() -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    used_up = grant(state=GrantState.EXHAUSTED, window=Window.MONTH, resets_at=until)
    assert label(used_up) == f"plv_1~sub_1~app_1~crd_1~month~{int(until.timestamp())}"
    assert read_label(label(used_up)) == read_label(label(grant())) == Label("plv_1", "sub_1", "app_1", "crd_1")
    assert read_label("") == Label()


@pytest.mark.parametrize(
    ("window", "end"),
    [
        (Window.HOUR, datetime(2026, 12, 31, 11, tzinfo=UTC)),
        (Window.DAY, datetime(2027, 1, 1, tzinfo=UTC)),
        (Window.WEEK, datetime(2027, 1, 4, tzinfo=UTC)),
        (Window.MONTH, datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_windows_end_with_the_calendar(window: Window, end: datetime) -> None:
    assert window_end(window, datetime(2026, 12, 31, 10, 5, 6, tzinfo=UTC)) == end
    assert labels.window_end(window, end) > end


def test_templates_of_whole_segments_at_the_end_need_no_pattern() -> None:
    found = routing(api("/", "/users", "/users/{id}", "/{any}/x", "/{a}/{b}"))
    assert not found.templates
    assert set(found.paths) == {"/a", "/a/", "/a/users", "/a/users/{}", "/a/{}/x", "/a/{}/{}"}
    assert found.operations["/a/users/{}?HEAD"] == found.operations["/a/users/{}?GET"]


@pytest.mark.parametrize("path", ["/f/{name}.{format}", "/{a}/{b}/{c}", "/{a}/b/c", "/x/{id}/"])
def test_other_templates_do(path: str) -> None:
    found = routing(api("/users/{id}", path))
    assert len(found.templates) == 2


def test_masks_are_left_where_a_less_specific_path_knows_more_methods() -> None:
    def of(*methods_and_paths: tuple[str, str]) -> ApiIR:
        routes = tuple(
            Route(id=f"op_{n}", method=method, path=path) for n, (method, path) in enumerate(methods_and_paths)
        )
        given = api("/")
        return replace(given, versions=(replace(given.versions[0], routes=routes),))

    assert not routing(of(("GET", "/a/b"), ("GET", "/a/{id}"))).templates
    assert not routing(of(("POST", "/b"), ("GET", "/a/{id}"))).templates
    assert len(routing(of(("GET", "/a/b"), ("POST", "/a/{id}"))).templates) == 1, "POST /a/b is 405"


@pytest.mark.parametrize(("requests", "seconds"), [(1, 86_400), (6, 60), (10_000_000, 86_400), (1_000_000_007, 1)])
def test_a_limits_rate_is_kept_and_time_in_tokens_never_overflows(requests: int, seconds: int) -> None:
    fits, per_token, _ = rate_limit._specified(RateLimit(requests=requests, seconds=seconds)).split(":")
    assert 2**31 * rate_limit._PER_MS < 2**63, "25 days after a bucket was last full"
    assert int(per_token) == pytest.approx(seconds * 1e9 / requests, rel=1e-3)
    assert int(fits) == min(requests, 2**30)


def test_the_engines_words_are_laid_at_the_right_door() -> None:
    configuration = Configuration("", sections=((10, "one", ("api_1",)), (20, "two", ("api_2", "api_3"))))
    alerts = [
        "parsing [engine.cfg:15] : unknown keyword 'x'",
        "Proxy 'api:two': something",
        "parsing [engine.cfg:3] : nobody's",
    ]
    assert list(checking.blame(alerts, configuration)) == ["api_1", "api_2", "api_3"]
    assert "unknown keyword" in checking.blame(alerts, configuration)["api_1"]


def test_processes_are_read_from_the_engines_table() -> None:
    lines = ["#<PID> <type>", "12 master 1 [failed: 0] 0d 2.8.25-5cf", "# workers", "15 worker 0 0d 2.8"]
    text = "\n".join([*lines, "# old workers", "13 worker 1 0d 2.8", ""])
    found = _processes(text)
    assert found is not None
    assert (found.master, found.version, found.workers) == (12, "2.8.25", (15, 13))
    assert _processes("") is None


def test_a_line_of_the_log_is_a_record() -> None:
    line = (
        b"179538293009308112345\t1795382930093876\t1795382930093781\tGET\t200\t--\tapi_1\t0~ver~op\t"
        b"plv~sub~app~crd~live\t-\t90\t-\t341\t263\t2.5\t7F000001\t/c/x\tcurl\ta\xff tab"
    )
    record = access_log.parse(line, lambda _: "")
    assert record is not None
    assert (record.path, record.status, record.code, record.duration_us) == ("/c/x", 200, "", 795)
    assert (record.decision_id, record.upstream_us, record.user_agent) == ("179538293009308112345", 700, "curl\ta tab")
    assert (record.api_id, record.version_id, record.operation_id) == ("api_1", "ver", "op")
    assert (record.plan_id, record.credential_id, record.bytes_out) == ("plv", "crd", 263)
    assert record.client_ip == "127.0.0.1"
    six = access_log.parse(line.replace(b"7F000001", b"20010DB8" + b"0" * 23 + b"1"), lambda _: "")
    assert six is not None
    assert six.client_ip == "2001:db8::1"
    gone = access_log.parse(line.replace(b"200\t--", b"-1\tCD"), lambda _: "")
    assert gone is not None
    assert gone.status == access_log.CLIENT_CLOSED
    failed = access_log.parse(line.replace(b"200\t--", b"503\tSC"), lambda _: "")
    assert failed is not None
    assert failed.code == "upstream_unavailable"
    assert access_log.parse(b"Proxy gateway stopped (cumulated conns: FE: 0, BE: 0).", lambda _: "") is None


@pytest.mark.parametrize("line", [b"", b"{", b"a\tb", b"x" + b"\t-" * 17])
def test_a_broken_line_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError):
        access_log.parse(line, lambda _: "")


def test_maps_that_stay_the_same_are_taken_over_and_the_others_are_as_if_made_anew() -> None:
    def rendered(number: int, *paths: str) -> config.Rendered:
        made = api(*paths, id=f"api_{number}", slug=f"a{number}", base_path=f"/a{number}")
        return config.render(made, f"{number}{paths}", GatewaySettings(), FILES)

    def together(*apis: config.Rendered, **known: Any) -> Configuration:
        return config.configuration(apis, GatewaySettings(), OPTIONS, FILES, 80, **known)

    one, two = rendered(1, "/x", "/y/{id}"), rendered(2, "/x")
    before = together(one, two)
    known = {"served": {"api_1": one, "api_2": two}, "maps": before.maps}
    for apis in ((rendered(1, "/x"), two), (one, two), (one,), (one, rendered(3, "/x")), (one, two, rendered(3, "/z"))):
        assert together(*apis, **known) == together(*apis)
    changed = together(rendered(1, "/y/{id}", "/x"), two, **known)
    assert changed.maps["plans"] is before.maps["plans"]
    assert changed.maps["hashes"] is not before.maps["hashes"]
