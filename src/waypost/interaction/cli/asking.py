"""Questions to whoever sits there; in a pipeline a line of standard input answers, or it is said what to give."""

from __future__ import annotations

import sys

import typer

from waypost.interaction.cli.client import USAGE
from waypost.interaction.cli.output import error_console


def ask(what: str, *, instead: str, secret: bool = False) -> str:
    """What is answered; ``instead`` says how to give it without a question."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=secret, err=True))
    return _line(what, instead)


def confirm(question: str, *, yes: bool) -> None:
    """Go on with a yes; anything else ends the program."""
    if yes:
        return
    if sys.stdin.isatty():
        typer.confirm(question, abort=True, err=True)
    elif _line(question, "say --yes").lower() not in ("y", "yes"):
        raise typer.Abort


def _line(question: str, instead: str) -> str:
    line = sys.stdin.readline()
    if not line:
        error_console.print(f"Nobody is here to answer ({question}): {instead}.", markup=False)
        raise typer.Exit(USAGE)
    return line.strip()
