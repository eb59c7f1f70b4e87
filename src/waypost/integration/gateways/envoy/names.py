"""Names that several files of this driver share: filters, internal headers, type URLs, special routes."""

from __future__ import annotations

TYPE = "type.googleapis.com/"
_EXT = f"{TYPE}envoy.extensions.filters.http."

LISTENER = f"{TYPE}envoy.config.listener.v3.Listener"
CLUSTER = f"{TYPE}envoy.config.cluster.v3.Cluster"
ROUTES = f"{TYPE}envoy.config.route.v3.RouteConfiguration"
SCOPES = f"{TYPE}envoy.config.route.v3.ScopedRouteConfiguration"
EXTENSION = f"{TYPE}envoy.config.core.v3.TypedExtensionConfig"

# Names of filters are ours to choose. Short ones: for each filter and call the engine looks several times whether a
# route says something of it.
CORS = "cors"
OWN_CORS = "own_cors"
HEADER_MUTATION = "headers"
CUSTOM_RESPONSE = "known_key"
LUA = "finder"
API_KEY = "key"
FAULT = "quota"
LOCAL_RATELIMIT = "limits"
EARLY = "early_limits"
SHARED = "shared_limits"
WEIGHED = "weighed"
EDIT = "edit"
INTROSPECTION = "introspection"
BUFFER = "body"
ROUTER = "router"

# Places in the listener's chain that a route fills (``filters/inner.py``).
GATE = "gate"  # before it is known who calls
AUTHENTICATION = "authentication"
PERMISSION = "permission"  # after it is known who calls, and before anything is counted

# Headers that exist only inside the engine. Whatever a client sends under this prefix is removed on entry, and
# the route configuration removes them again before the upstream.
INTERNAL = "x-gw-internal-"
PATH = f"{INTERNAL}path"
KEY = f"{INTERNAL}key"
WAIT = f"{INTERNAL}wait"
LEFT = f"{INTERNAL}left"
RESET = f"{INTERNAL}reset"
WAY = f"{INTERNAL}way"
TOKEN = f"{INTERNAL}token"
SENT = f"{INTERNAL}sent"
ISSUER = f"{INTERNAL}issuer"
COUNTRY = f"{INTERNAL}country"
NOW = f"{INTERNAL}now"
SUBJECT = f"{INTERNAL}subject"
LIMITED = f"{INTERNAL}limited"
COST = f"{INTERNAL}cost"
OPAQUE = f"{INTERNAL}opaque"
PEER = f"{INTERNAL}peer"
TOKEN_CLIENT = f"{INTERNAL}token-client"

METADATA = "gw"

# The caller's label (``filters/labels.py``). A name with a colon in front never leaves the engine, nor comes in.
CLIENT = ":gw-caller"
# The path as it was called, without its query. Upstreams see it too, since theirs is rewritten.
SCOPE = "x-original-path"
# On every refusal: its code, also for those who do not read the body.
CODE = "x-problem-code"

# Route names are ``api/version/operation``; these stand in the operation's place for answers of the gateway's own.
NOT_FOUND_ROUTE = "~not_found"
METHOD_ROUTE = "~method"
AMBIGUOUS_ROUTE = "~ambiguous"
PREFLIGHT_ROUTE = "~preflight"
DENIED_ROUTE = "~denied"
SPACED_ROUTE = "~spaced"
UNMATCHED_ROUTE = "~unmatched"
PROBE_ROUTE = "~probe"


def filter_type(name: str) -> str:
    """Type URL of a message below ``envoy.extensions.filters.http``, for example ``cors.v3.Cors``."""
    return f"{_EXT}{name}"


def route_name(api_id: str, version_id: str, operation: str) -> str:
    """What the access log says of a matched route."""
    return f"{api_id}/{version_id}/{operation}"
