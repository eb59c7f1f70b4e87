"""Names that several files share: variables of a transaction, sections, tables, special operations.

Variables (all ``txn.``): base what the first segment stands for, api, path as it came, m method, op what serves them
(``kind~version~operation``), p id of the path where nothing does, k its kind, key, c the caller's label, why a refusal.
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


REFUSED = "{ var(txn.why) -m found }"
"""A condition: a rule noted a refusal."""


def var(name: str) -> str:
    """A transaction's variable as an expression."""
    return f"var(txn.{name})"


def found(name: str) -> str:
    """A condition: the variable is there."""
    return f"{{ var(txn.{name}) -m found }}"
