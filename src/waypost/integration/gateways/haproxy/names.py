"""Names that several files share: variables of a transaction, sections, tables, special operations.

Variables (all ``txn.``): t0 start in microseconds, path as it came, m method, p id of the matched path, op what the
method of that path is (``class~version~operation``), k its class, api, key, c the caller's label, why a refusal.
"""

from __future__ import annotations

FRONTEND = "gateway"
LIMITS = "limits"
PEERS = "keep"
LOCAL_PEER = "gw"
NOWHERE = "nowhere"
PREFLIGHT = "~preflight"

HASH_HEADER = "x-content-hash"
REVISION_HEADER = "x-grants-revision"


NOT_REFUSED = "-"
REFUSED = "{ var(txn.why) -m len gt 1 }"
"""A condition: a rule noted a refusal. The variable is there from the first rule on, so that asking is quick."""


def var(name: str) -> str:
    """A transaction's variable as an expression."""
    return f"var(txn.{name})"


def found(name: str) -> str:
    """A condition: the variable is there."""
    return f"{{ var(txn.{name}) -m found }}"
