"""What the root command leaves for the others: the hub, and whether output is JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from waypost.interaction.cli.client import HubClient
from waypost.interaction.cli.profile import load_profile

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
YesFlag = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class State:
    """Root options."""

    hub: str = ""
    token: str = ""

    def client(self) -> HubClient:
        """A client for the hub that the options, the environment or ``login`` name."""
        return HubClient(load_profile(hub=self.hub, token=self.token))


def hub(ctx: typer.Context) -> HubClient:
    """The client for this run."""
    state = ctx.obj if isinstance(ctx.obj, State) else State()
    return state.client()
