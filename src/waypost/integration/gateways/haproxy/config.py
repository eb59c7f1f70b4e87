"""The whole configuration as text: global and defaults, the one frontend, a section per API, and the maps beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from waypost.contracts.drivers import DriverOptions
from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.contracts.vocab import BELIEVED_HEADERS, Refusal
from waypost.integration.gateways.haproxy import access_log, backend, common, problems, shared, tls
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.filters import concurrency, cors, jwt, mock, rate_limit
from waypost.integration.gateways.haproxy.maps import check
from waypost.integration.gateways.haproxy.names import (
    FRONTEND,
    HASH_HEADER,
    LIMITS,
    LOCAL_PEER,
    NOWHERE,
    PEERS,
    REVISION_HEADER,
    found,
)
from waypost.integration.gateways.haproxy.routing import routing, with_unknown
from waypost.integration.gateways.haproxy.servers import RESOLVERS
from waypost.integration.gateways.haproxy.text import bare, word
from waypost.integration.gateways.haproxy.workers import KEYS, RECENT
from waypost.kit.crypto import sha256_hex

# Bytes. A head has to fit into a buffer less what may be added to it, and so has a mock.
_BUFFER, _REWRITE = 16_384, 2_048
_LARGEST_HEADER_COUNT = 256
_LUA = "actions.lua"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MOST_PROXIES = 8
# What is meant for this hop (Proxy, Proxy-Connection, Proxy-Authorization), and what upstreams believe of the proxy
# before them. One rule, as each looks at every header.
_ENDS_HERE = f"^(?:proxy|(?:keep-alive|{'|'.join(BELIEVED_HEADERS)})$)"
_PROXIES_PROTO = "http-request set-header x-forwarded-proto %[var(txn.proto)] if { var(txn.proto) -m str http https }"
_PROBE = ".probe"
# What upstreams may take for a slash, or for the path's end.
_UNSAFE = r"\\ %00"

_ACTIONS = """-- RFC 9110, 7.6.1: what Connection names ends here. Natively no header is removed by a computed name.
core.register_action("end_of_connection", {"http-req"}, function(txn)
  local named = txn.http:req_get_headers()["connection"]
  if named == nil then return end
  for index = 0, #named do
    for name in (named[index] or ""):gmatch("[^,%s]+") do
      local lower = name:lower()
      if lower ~= "close" and lower ~= "keep-alive" and lower ~= "upgrade" then txn.http:req_del_header(lower) end
    end
  end
end)

-- A worker that has just begun knows no bucket before its predecessor taught it (peers.py). 0.8 s at most.
core.register_action("wait_until_taught", {"http-req"}, function(txn)
  for _ = 1, 400 do
    if txn:get_var("proc.taught") then return end
    core.msleep(2)
  end
  txn:set_var("proc.taught", true)
end)
"""


@dataclass(frozen=True, slots=True)
class Section:
    """Rules, and the shared section that they continue. Equal ones have one name, and are one section, whoever's."""

    base: str
    lines: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """One API ready to stand in a configuration: its sections and its entries of each map."""

    api: ApiIR
    content_hash: str
    sections: tuple[Section, ...]
    maps: Mapping[str, Mapping[str, str]]
    buffer: int = _BUFFER
    extras: Mapping[str, str] = field(default_factory=dict)
    asked: common.Asked = field(default_factory=common.Asked)

    @property
    def kinds(self) -> Mapping[str, str]:
        """Which kind of rules each operation is served by: numbers that only this API's section knows."""
        return {key: value.partition("~")[0] for key, value in self.maps["operations"].items()}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A text with its maps (name -> entries in order). ``sections`` are (first line, name, API ids), by line.

    ``frame`` is the text without the sections of APIs.
    """

    text: str
    frame: str = ""
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    sections: tuple[tuple[int, str, tuple[str, ...]], ...] = ()

    def at(self, line: int) -> tuple[str, ...]:
        """The APIs whose section a line of the text stands in; nobody's else."""
        return next((api_ids for first, _, api_ids in reversed(self.sections) if first <= line), ())

    def offers(self, other: Configuration) -> bool:
        """True where another configuration's rules and files are all here as well: rules name their sections."""
        names = {name for _, name, _ in self.sections}
        files = all(self.extras.get(name) == text for name, text in other.extras.items())
        return files and self.frame == other.frame and names >= {name for _, name, _ in other.sections}

    def named(self, name: str) -> tuple[str, ...]:
        """The APIs of a section."""
        return next((api_ids for _, known, api_ids in self.sections if known == name), ())


def render(api: ApiIR, content_hash: str, settings: GatewaySettings, files: Files) -> Rendered:
    """An API's part. ValueError for what this engine cannot do."""
    bare(api.id)
    found, segment = Context(api, routing(api), settings, files), api.base_path.removeprefix("/")
    whole = replace(found, routing=with_unknown(found.routing, api), texts=[])
    context = replace(found, common=True) if common.is_common(found) else whole
    served = {segment: context}
    if context.common and common.edits_answers(context):
        served[common.apart(segment)] = whole
    sections = {name: _rules(one) for name, one in served.items()}
    maps: dict[str, Mapping[str, str]] = {
        "bases": {name: common.known(one, sections[name].name) for name, one in served.items()},
        "origins": cors.origins(api),
        "hashes": {segment: content_hash},
        "paths": context.routing.paths,
        "operations": context.routing.operations,
        "allowed": context.routing.allowed,
        "limits": rate_limit.entries(context, common=whole not in served.values()),
        "plans": rate_limit.plans(api),
    }
    if context.routing.templates:
        maps[f"templates-{api.id}"] = dict(context.routing.templates)
    buffer = max(_BUFFER, mock.largest(context) + 2 * _REWRITE)
    asked = common.asked(context)
    for entries in maps.values():
        check(entries)
    return Rendered(api, content_hash, tuple(sections.values()), maps, buffer, context.extras, asked)


def _rules(context: Context) -> Section:
    base, lines = common.base(context), tuple(backend.lines(context))
    return Section(base, lines, name=common.section((base, *lines)))


def configuration(
    rendered: Iterable[Rendered],
    settings: GatewaySettings,
    options: DriverOptions,
    files: Files,
    port: int,
    *,
    served: Mapping[str, Rendered] = _NOTHING,
    maps: Mapping[str, dict[str, str]] = _NOTHING,
) -> Configuration:
    """Everything together. ``maps`` are those of what is ``served``: one that stays as it is is the same object."""
    apis = sorted(rendered, key=lambda item: item.api.id)
    buffer = max((item.buffer for item in apis), default=_BUFFER)
    lines = _head(settings, options, files, buffer)
    wanted = common.Asked()
    for asked in {item.asked for item in apis}:
        wanted = wanted.and_also(asked)
    lines += _section(f"frontend {FRONTEND}", shared.ENGINE, _frontend(wanted, settings, options, files, port))
    for name, rules in shared.sections(settings, files):
        lines += _section(f"defaults {name}", shared.ENGINE, rules)
    others = {section_name(_PROBE): _probe(files), NOWHERE: _nowhere(files)}
    tables = {LIMITS: rate_limit.table(), concurrency.TABLE: concurrency.table(), jwt.TABLE: jwt.table()}
    for name, rules in {**others, **tables}.items():
        lines += _section(f"backend {name}", shared.ENGINE, rules)
    frame = "\n".join(lines)
    sections = []
    for section, alike in _alike(apis):
        sections.append((len(lines) + 2, section.name, tuple(alike)))
        lines += _section(f"backend {section_name(section.name)}", section.base, section.lines)
    extras = {problems.BODY_FILE: problems.body(settings), _LUA: _ACTIONS, **tls.files(settings)}
    for item in apis:
        extras |= item.extras
    entries = _maps(apis, _same(apis, served, maps))
    entries["bases"][probe_segment(options.probe_token)] = f"0|{_PROBE}|{_PROBE}"
    return Configuration("\n".join([*lines, ""]), frame, entries, extras, tuple(sections))


def section_name(name: str) -> str:
    """A section as the configuration names it."""
    return f"api:{name}"


def _alike(apis: list[Rendered]) -> Iterable[tuple[Section, list[str]]]:
    """Sections with their APIs: those whose rules and upstreams are the same, to the letter, share one."""
    found: dict[str, tuple[Section, list[str]]] = {}
    for item in apis:
        for section in item.sections:
            found.setdefault(section.name, (section, []))[1].append(item.api.id)
    return found.values()


def _same(
    apis: list[Rendered], served: Mapping[str, Rendered], maps: Mapping[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Maps in which these APIs have the entries that they have where they are served, and no other API is or was."""
    changed = [(item, served.get(item.api.id)) for item in apis if served.get(item.api.id) is not item]
    if len(served) != len(apis) or any(before is None for _, before in changed):
        return {}
    differing = {
        name
        for item, before in changed
        if before is not None
        for name in {*item.maps, *before.maps}
        if item.maps.get(name) != before.maps.get(name)
    }
    return {name: entries for name, entries in maps.items() if name not in differing}


def _maps(apis: list[Rendered], same: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    names = ("bases", "origins", "hashes", "paths", "operations", "allowed", "limits", "plans")
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    found["titles"] = problems.titles()
    found |= same
    kept = frozenset(same)
    for item in apis:
        for name in item.maps.keys() - kept:
            found.setdefault(name, {}).update(item.maps[name])
    return found


def _head(settings: GatewaySettings, options: DriverOptions, files: Files, buffer: int) -> list[str]:
    """``global``, ``peers``, ``resolvers`` and ``defaults``."""
    threads = [f"nbthread {options.concurrency}"] if options.concurrency else []
    top = [
        *threads,
        f"localpeer {LOCAL_PEER}",
        "log stdout len 16384 format raw local0 info",
        "hard-stop-after 60s",
        "mworker-max-reloads 20",
        "expose-experimental-directives",
        f"tune.bufsize {buffer}",
        f"tune.maxrewrite {_REWRITE}",
        f"tune.http.maxhdr {_LARGEST_HEADER_COUNT}",
        # Paths and addresses seldom come twice; remembering what matched costs more than matching.
        "tune.pattern.cache-size 0",
        f"tune.stick-counters {jwt.TRACKER + 1}",
        f"lua-load {_LUA}",
    ]
    common = [
        "mode http",
        "timeout client 60s",
        "timeout http-request 30s",
        "timeout http-keep-alive 20s",
        "timeout connect 5s",
        "timeout server 30s",
        "timeout tunnel 1h",
        "retries 0",
        "option idle-close-on-response",
        "option redispatch 0",
        f"unique-id-format {word(access_log.DECISION)}",
        *problems.own_errors(settings),
    ]
    resolve = ["parse-resolv-conf", "hold valid 10s", "timeout retry 1s", "accepted_payload_size 4096"]
    return [
        *("global", *_indented(top)),
        *("", f"peers {PEERS}", f"  peer {LOCAL_PEER} {word(f'unix@{files.peers_socket}')}"),
        *("", f"resolvers {RESOLVERS}", *_indented(resolve)),
        *("", f"defaults {shared.ENGINE}", *_indented(common)),
    ]


def _frontend(
    wanted: common.Asked, settings: GatewaySettings, options: DriverOptions, files: Files, port: int
) -> list[str]:
    host = f"[{options.listen_host}]" if ":" in options.listen_host else options.listen_host
    return [
        f"bind {word(f'{host}:{port}')}",
        *tls.bind(settings, host),
        "log global",
        f"log-format {word(access_log.FORMAT)}",
        *(f"capture request header {name} len {length}" for name, length in access_log.CAPTURED.items()),
        # Headers whose names upstreams may take for others: underscores, and all else but letters, digits and hyphens.
        # 1,600 of a call's 121,000 instructions (Callgrind, 13 headers); a rule costs 2,800 and more.
        "option http-restrict-req-hdr-names delete",
        # Added when all rules are through, and cheaper than by a rule.
        "unique-id-header x-request-id",
        "option forwardfor",
        *_behind_proxies(settings),
        # The condition makes the id, and so the moment at which the call began: it would come with the header only.
        "http-request del-header x-request-id if { unique-id -m found }",
        "http-request set-var(txn.m) method",
        # The next rule would also decode the query, and with a condition 2.8.25 takes it for another one.
        "http-request set-var(txn.query) query if { query -m sub % }",
        "http-request normalize-uri percent-decode-unreserved",
        f"http-request set-query %[var(txn.query)] if {found('query')}",
        f"http-request set-var(txn.odd) bool(true) if {{ path -m sub -- /. {_UNSAFE} }}",
        f"http-request normalize-uri path-strip-dot if {found('odd')}",
        f"http-request normalize-uri path-strip-dotdot full if {found('odd')}",
        "http-request set-var(txn.path) path",
        "http-request lua.end_of_connection if { req.hdr(connection) -m found } "
        "!{ req.fhdr(connection) -m str -i close keep-alive }",
        f"http-request del-header {_ENDS_HERE} -m reg",
        # Of TE only this goes on, else an empty list (RFC 9110, 10.1.4): one rule where a condition would be two.
        r"http-request replace-header te '(?i)^(?:.*,)?\s*(trailers)\s*(?:,.*)?$|^.*$' \1",
        "http-request set-header x-forwarded-proto http",
        *(["http-request set-header x-forwarded-proto https if { ssl_fc }"] if settings.tls else ()),
        *([_PROXIES_PROTO] if settings.trusted_proxies else ()),
        f"http-request set-var(txn.base) var(txn.path),field(2,/),map_str({files.map('bases')})",
        "http-request set-var(txn.api) var(txn.base),field(2,|)",
        problems.because(Refusal.BAD_REQUEST, f"{found('odd')} {{ path -m sub -- {_UNSAFE} }}"),
        problems.deny(400),
        *common.rules(wanted, settings, files),
        "http-after-response set-header x-request-id %[unique-id]",
        "http-after-response set-var(txn.ol) res.hdr(content-length)",
        *common.response_rules(wanted),
        f"use_backend {section_name('%[var(txn.base),field(3,|)]')}",
        f"default_backend {NOWHERE}",
    ]


def _behind_proxies(settings: GatewaySettings) -> list[str]:
    """The caller's address: the last one of X-Forwarded-For that no trusted proxy has; and how it was called.

    What is no address ends the search: what stands before it, the caller may have written.
    """
    if not settings.trusted_proxies:
        return []
    trusted = f"{{ src -m ip -- {' '.join(map(word, settings.trusted_proxies))} }}"
    told = f"{trusted} {{ req.hdr(x-forwarded-for) -m found }}"
    hops = [f"hdr_ip(x-forwarded-for,-{number})" for number in range(1, _MOST_PROXIES + 1)]
    read = [f" {{ {hop} -m found }}" for hop in hops]
    return [
        f"http-request set-var(txn.proto) req.fhdr(x-forwarded-proto) if {told}",
        *(f"http-request set-src {hop} if {trusted}{''.join(read[:number])}" for number, hop in enumerate(hops)),
    ]


def _nowhere(files: Files) -> list[str]:
    """404. The rules after it are never reached: they keep the maps of keys loaded where no API asks for them."""
    missing = problems.because(Refusal.NOT_FOUND, "TRUE")
    loaded = [f"http-request set-var(txn.c) path,map_str({files.map(name)})" for name in (KEYS, RECENT)]
    return [missing, problems.deny(404), *loaded]


def probe_segment(token: str) -> str:
    """The first path segment of probes: nobody's who does not know the token, and no call's cost."""
    return f"probe-{sha256_hex(token)[:40]}"


def _probe(files: Files) -> list[str]:
    """What the data path holds of the API whose base path follows; leaves no line in the log."""
    segment = "path,field(3,/)"
    told = {
        HASH_HEADER: f"%[{segment},map_str({files.map('hashes')})]",
        REVISION_HEADER: f"%[{segment},map_str({files.map('bases')}),field(2,|),map_str({files.map('meta')},0)]",
    }
    answer = "".join(f" hdr {name} {word(value)}" for name, value in told.items())
    return ["http-request set-log-level silent", f"http-request return status 204{answer}"]


def _section(first: str, base: str, lines: Iterable[str]) -> list[str]:
    return ["", f"{first} from {base}", *_indented(lines)]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
