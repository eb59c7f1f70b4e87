"""``waypost explain`` and ``waypost simulate``: why a call was refused, and what would become of another."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from waypost.interaction.cli.apps import app_id
from waypost.interaction.cli.client import segment
from waypost.interaction.cli.output import cell, console, place_text, show_json
from waypost.interaction.cli.session import JsonFlag, hub


def register(root: typer.Typer) -> None:
    """Put the commands on the root."""
    root.command()(explain)
    root.command()(simulate)


def explain(
    ctx: typer.Context,
    decision: Annotated[str, typer.Argument(help="The decision id of a refusal, or an `x-request-id`.")],
    as_json: JsonFlag = False,
) -> None:
    """Say why a call was let through or refused, and what would become of it now."""
    found = hub(ctx).get(f"/decisions/{segment(decision)}")
    if as_json:
        show_json(found)
        return
    _line("", f"{found['result']}: {found['status']} {found['code']}  {found['title']}", style="bold")
    _decided(found)
    _facts(found["facts"])
    _way_out(found["way_out"])
    if found["now"]:
        now = found["now"]
        _line("now", f"{now['result']} {now['code']}  {now['text']}")


def simulate(
    ctx: typer.Context,
    method: Annotated[str, typer.Argument(help="Such as GET.")],
    path: Annotated[str, typer.Argument(help="As it would be called: base path first, query included.")],
    header: Annotated[list[str] | None, typer.Option("--header", "-H", help="`name: value`; again for more.")] = None,
    with_app: Annotated[str, typer.Option("--app", help="Call with the key of this app (name or id).")] = "",
    credential: Annotated[str, typer.Option(help="Call with this credential (id).")] = "",
    gateway: Annotated[str, typer.Option(help="Slug or id; the first that serves the API if left out.")] = "",
    address: Annotated[str, typer.Option(help="Where the call comes from (for the API's provider).")] = "",
    body_bytes: Annotated[int | None, typer.Option(help="Size of the body.")] = None,
    at: Annotated[str, typer.Option(help="When, as 2026-07-15T12:00:00Z; now if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Say what would become of a call, step by step, without sending it."""
    client = hub(ctx)
    body: dict[str, Any] = {"method": method.upper(), "path": path, "headers": _headers(header or [])}
    body |= {"credential": credential, "gateway": gateway, "address": address, "body_bytes": body_bytes}
    body |= {"app": app_id(client, with_app) if with_app else "", "at": at or None}
    found = client.post("/decisions/simulate", body)
    if as_json:
        show_json(found)
        return
    status = found["status"] if found["status"] is not None else ""
    _line("", f"{found['result']}: {status} {found['code']}  {found['title']}", style="bold")
    for step in found["steps"]:
        _line(step["name"], f"{step['verdict']}: {step['text']}")
    _decided(found)
    if found["result"] == "refused":
        _facts(found["steps"][-1]["facts"])
    _way_out(found["way_out"])


def _headers(lines: list[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise typer.BadParameter("write a header as `name: value`")
        headers[name.strip()] = value.strip()
    return headers


def _decided(case: dict[str, Any]) -> None:
    found = case["decided_by"]
    if found is None:
        if case["result"] == "refused":
            _line("decided by", "no policy, but the facts")
        return
    said = [f"{found['title']} ({found['kind']}), {place_text(found['place'])}"]
    if found["revision"] is not None:
        said.append(f"revision {found['revision']}")
    if found["attached_at"]:
        by = f" by {found['attached_by']['name']}" if found["attached_by"] else ""
        said.append(f"set {found['attached_at']}{by}")
    if found["locked"]:
        said.append("locked")
    if found["changed_since"]:
        said.append("changed since")
    _line("decided by", ", ".join(said))


def _facts(facts: list[dict[str, Any]]) -> None:
    for fact in facts:
        _line(fact["name"].replace("_", " "), cell(fact["value"]))


def _way_out(lines: list[str]) -> None:
    for line in lines:
        _line("way out", line)


def _line(name: str, text: str, *, style: str | None = None) -> None:
    console.print(f"{name + ':':<24} {text}" if name else text, markup=False, style=style, soft_wrap=True)
