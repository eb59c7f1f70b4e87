"""Keys: hashed, and looked up in one map of all APIs. What is found is the caller's label.

An entry's key is the SHA-256 of what a caller sends (base64url), the kind of credential and the API; its value says
plan, subscription, app, credential and state. The hash alone is an entry as well: a key that exists, but not here, is
403 and not 401, and the log says which it was.
"""

from __future__ import annotations

import re

from waypost.contracts.ir import KeyAuth
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.context import when
from waypost.integration.gateways.haproxy.names import REFUSED, found
from waypost.integration.gateways.haproxy.problems import because
from waypost.integration.gateways.haproxy.text import word

HASHED = "sha2(256),ub64enc"
"""Converters that make of a secret what stands for it in maps."""

HAVE_KEY = "{ var(txn.key) -m len gt 0 }"
"""A condition: a key was sent."""


def hide(auth: KeyAuth | None) -> list[str]:
    """Take the key out of every place that it may have been sent in."""
    if auth is None or not auth.hide:
        return []
    rules = [f"http-request del-header {auth.header.lower()}"] if auth.header else []
    if auth.query:
        rules += _hide_query(auth.query)
    if auth.cookie:
        rules += _hide_cookie(auth.cookie)
    return rules


COMMON = KeyAuth(header="x-api-key")
"""The one place where the frontend looks for keys, for all APIs that have it there."""


def find(auth: KeyAuth) -> list[str]:
    """Find the key, in ``key``: the first place that holds one."""
    sources = []
    if auth.header.lower() == "authorization":
        sources.append("http_auth_bearer")
    elif auth.header:
        sources.append(f"req.fhdr({auth.header.lower()})")
    rules = [f"http-request set-var(txn.key) {source}" for source in sources]
    if auth.query:
        present = f"{{ query -m reg {word(f'(^|&){re.escape(auth.query)}=[^&]')} }}"
        value = f'query,regsub("^(.*&)?{_pattern(auth.query)}=([^&]+)(&.*)?$","\\2")'
        rules.append(f"http-request set-var(txn.key) {word(value)} if !{HAVE_KEY} {present}")
    if auth.cookie:
        rules.append(f"http-request set-var(txn.key) req.cook({auth.cookie}) if !{HAVE_KEY}")
    return rules


def ambiguous(auth: KeyAuth, condition: str = "") -> list[str]:
    """Note a key that was sent more than once."""
    twice = []
    if auth.header:
        twice.append(f"{{ req.hdr_cnt({auth.header.lower()}) gt 1 }}")
    if auth.query:
        name = re.escape(auth.query)
        twice.append(f"{{ query -m reg {word(f'(^|&){name}(=[^&]*)?&(.*&)?{name}(=|&|$)')} }}")
    if auth.cookie:
        twice.append(f"{{ req.cook_cnt({auth.cookie}) gt 1 }}")
    return [because(Refusal.KEY_AMBIGUOUS, f"{condition} {test}".strip()) for test in twice]


def look_up(files: Files, entry: str, condition: str) -> list[str]:
    """Whose the entry is, in ``c``: what changed lately replaces what was loaded (``workers.py``); ``-`` is nobody."""
    places = (files.map("keys"), files.map("recent"))
    return [
        f"http-request set-var(req.entry) {word(entry)}{when(condition)}",
        *(f"http-request set-var(txn.c) var(req.entry),map_str({name})" for name in places),
    ]


def entry(key: str) -> str:
    """What a key is looked up by."""
    return f"{key},{HASHED},concat(/key/,txn.api)"


def nobody() -> str:
    """The rule that forgets a caller who is gone."""
    return "http-request unset-var(txn.c) if { var(txn.c) -m str -- - }"


def identify(files: Files, condition: str = "") -> list[str]:
    """Whose key it is, in ``c``, or why it is nobody's here."""
    return [*look_up(files, entry("var(txn.key)"), f"{condition} {HAVE_KEY}".strip()), *unknown(files, condition)]


def unknown(files: Files, condition: str = "") -> list[str]:
    """Why a key is nobody's here."""
    unknown = f"{condition} {HAVE_KEY}".strip() + f" !{found('c')} !{REFUSED}"
    lately = f"var(txn.key),{HASHED},map_str({files.map('recent')})"
    loaded = f"var(txn.key),{HASHED},map_str({files.map('keys')})"
    elsewhere = "{ var(req.known) -m len gt 1 }"
    return [
        nobody(),
        f"http-request set-var(req.known) {lately} if {unknown}",
        f"http-request set-var(req.known) {loaded} if {unknown} !{{ var(req.known) -m found }}",
        because(Refusal.NOT_SUBSCRIBED, f"{unknown} {elsewhere}"),
        f"http-request set-var(txn.c) var(req.known) if {elsewhere}",
        because(Refusal.KEY_INVALID, unknown),
    ]


def _hide_query(name: str) -> list[str]:
    there = f"{{ query -m reg {word(f'(^|&){re.escape(name)}(=|&|$)')} }}"
    return [
        f"http-request set-query {word(without_parameter(_pattern(name)))} if {there}",
        "http-request set-uri %[path] if { query -m len 0 }",
    ]


def without_parameter(pattern: str) -> str:
    """The query without a parameter, as a log-format string; the others stay to the letter, empty ones too."""
    one = f"{pattern}(=[^&]*)?"
    return f'%[query,regsub("^(?:{one}(?:&|$))+",),regsub("&{one}(?=&|$)",,g)]'


def _hide_cookie(name: str) -> list[str]:
    without = word(f"^(.*; *)?{re.escape(name)}=[^;]*(; *)?(.*)$") + " " + word(r"\1\3")
    trimmed = word("^(.*[^; ])[; ]+$") + " " + word(r"\1")
    return [
        f"http-request replace-header cookie {without} if {{ req.cook({name}) -m found }}",
        f"http-request replace-header cookie {trimmed} if {{ req.hdr(cookie) -m found }}",
        "http-request del-header cookie if { req.hdr(cookie) -m found } { req.fhdr(cookie) -m len 0 }",
    ]


def _pattern(name: str) -> str:
    """A name inside a regular expression that stands in double quotes inside an argument."""
    return re.escape(name).replace("\\", "\\\\")
