"""One refusal of the gateway's own: what it says, and when it applies."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.refusals import TEXTS, Text

DETAILS = "response.code_details"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a refusal says and when it applies (a CEL expression, or response flags of the engine).

    ``headers`` and ``more`` members of the body are format strings.
    """

    code: Refusal
    when: str = ""
    flags: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    decision_id: str = "%REQ(X-REQUEST-ID)%"
    more: tuple[tuple[str, str], ...] = ()
    text: Text | None = None

    @property
    def words(self) -> Text:
        """Status, title and hint: its own, or those that every engine says."""
        return self.text or TEXTS[self.code]


def on_route(name: str) -> str:
    """True on a route of this special kind."""
    return f"xds.route_name.endsWith('{name}')"


def literal(text: str) -> str:
    """Text for a format string: ``%`` would begin a command."""
    return text.replace("%", "%%")


def quoted(text: str) -> str:
    """The inside of a quoted-string in a header (RFC 9110, 5.6.4), for a format string."""
    printable = "".join(char for char in text if " " <= char <= "~")
    return literal(printable.replace("\\", "\\\\").replace('"', '\\"'))
