"""What may stand in single fields of policies: one type for each, refused with the reason when it does not fit."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from waypost.application.policies.names import header_name, header_value
from waypost.contracts.ir import templates
from waypost.contracts.ir.sound import is_network
from waypost.contracts.ir.templates import Variable

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_CLAIM = re.compile(r"[A-Za-z0-9_.:/-]+")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_PATH_LITERAL = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f]*")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def _parameter(value: str) -> str:
    if not value.replace("-", "").replace("_", "").replace(".", "").isalnum() or not value.isascii():
        raise ValueError("this takes letters, digits, `-`, `_` and `.` only")
    return value


def network(value: str) -> str:
    """An address or network (CIDR) in canonical form; host bits that are set would be a slip."""
    if not is_network(value):
        raise ValueError(f"{value!r} is no address or network such as 10.0.0.0/8 or 2001:db8::/32")
    return str(ipaddress.ip_network(value))


def _country(value: str) -> str:
    code = value.upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise ValueError("a country is an ISO 3166-1 code of two letters, such as DE")
    return code


def _scope(value: str) -> str:
    if not _SCOPE.fullmatch(value):
        raise ValueError("a scope or role has no space, quote or backslash (RFC 6749, 3.3)")
    return value


def _claim(value: str) -> str:
    if not _CLAIM.fullmatch(value):
        raise ValueError("a claim's name has letters, digits, `_`, `.`, `:`, `/` and `-` only")
    return value


def _host(value: str) -> str:
    lowered = value.lower()
    if lowered and not _HOST.fullmatch(lowered):
        raise ValueError("a host is a name or address with an optional port, without scheme and path")
    return lowered


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError("a time is HH:MM from 00:00 to 24:00 (UTC)")
    return value


def _template(value: str) -> str:
    clean = header_value(value)
    templates.parse(clean)
    return clean


def _without_tab(value: str) -> str:
    if "\t" in value:
        raise ValueError("a query value holds no tab; a caller's tab is `%09`")
    return value


def _path_template(value: str) -> str:
    pieces = templates.parse(value)
    if value and not value.startswith("/"):
        raise ValueError("a path begins with /")
    for piece in pieces:
        if not isinstance(piece, Variable) and not _PATH_LITERAL.fullmatch(piece):
            raise ValueError("a path has no query, escapes or spaces beside its variables")
    if {".", ".."} & set(value.split("/")) or "//" in value:
        raise ValueError("a path has no empty segments and no `.` or `..`")
    return value


def _text(value: str) -> str:
    if not _PLAIN.fullmatch(value):
        raise ValueError("this must be one line without control characters")
    return value


def _fingerprint(value: str) -> str:
    plain = value.replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(plain):
        raise ValueError("a fingerprint is the SHA-256 of the certificate: 64 hex digits")
    return plain


def _claim_value(value: str) -> str:
    if '"' in value or "\\" in value:
        raise ValueError("a claim's value has no quote and no backslash here")
    return header_value(value)


OptionalHeader = Annotated[
    str, StringConstraints(max_length=100), AfterValidator(lambda value: header_name(value) if value else value)
]
OptionalParameter = Annotated[
    str, StringConstraints(max_length=100), AfterValidator(lambda value: _parameter(value) if value else value)
]
Parameter = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_parameter)]
Network = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(network)]
Networks = Annotated[list[Network], Field(max_length=1000)]
Country = Annotated[str, StringConstraints(min_length=2, max_length=2), AfterValidator(_country)]
Scope = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_scope)]
Claim = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_claim)]
OptionalClaim = Annotated[
    str, StringConstraints(max_length=200), AfterValidator(lambda value: _claim(value) if value else value)
]
ClaimValue = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_claim_value)]
OptionalHost = Annotated[str, StringConstraints(max_length=260), AfterValidator(_host)]
TimeOfDay = Annotated[str, StringConstraints(min_length=5, max_length=5), AfterValidator(_time)]
Template = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_template)]
QueryTemplate = Annotated[Template, AfterValidator(_without_tab)]
PathTemplate = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_path_template)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_text)]
Fingerprint = Annotated[str, StringConstraints(min_length=64, max_length=95), AfterValidator(_fingerprint)]
