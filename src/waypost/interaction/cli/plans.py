"""``waypost plan …``: what a provider promises."""

from __future__ import annotations

import re
from typing import Annotated, Any, NoReturn

import typer

from waypost.interaction.cli.apis import ApiArgument
from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.client import USAGE, HubClient, segment
from waypost.interaction.cli.output import console, error_console, show_done, show_json, show_rows
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="Plans of your APIs.", no_args_is_help=True)
_SECONDS = {"s": 1, "second": 1, "m": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400}
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_QUOTA = re.compile(
    r"(?P<amount>\d+)(?:(?P<bytes>[kMGT]?B)|:(?P<header>[A-Za-z0-9_-]+))?/(?P<window>hour|day|week|month)"
)
_COLUMNS = ["slug", "name", "lifecycle", "rates", "quotas", "price", "approval"]
PlanArgument = Annotated[str, typer.Argument(help="Slug, name or id of the plan.")]
RateOption = Annotated[list[str], typer.Option(help="Such as 60/minute or 5/10s; may be repeated.")]
QuotaOption = Annotated[
    list[str],
    typer.Option(help="Such as 1000/day, 5GB/month,warn=80 or 200:x-tokens/hour,rolling,overage; may be repeated."),
]
PriceOption = Annotated[str, typer.Option(help="Per month, such as 29.00EUR.")]
ApprovalFlag = Annotated[bool, typer.Option(help="Somebody must approve each subscription.")]


@app.command("list")
def list_(ctx: typer.Context, api: ApiArgument, as_json: JsonFlag = False) -> None:
    """List the plans of an API."""
    plans = list(hub(ctx).pages(f"/apis/{segment(api)}/plans"))
    if as_json:
        show_json(plans)
        return
    show_rows(map(_row, plans), _COLUMNS, as_json=False, empty="No plan yet.")


@app.command()
def create(
    ctx: typer.Context,
    api: ApiArgument,
    name: str,
    rate: RateOption = [],  # noqa: B006
    quota: QuotaOption = [],  # noqa: B006
    price: PriceOption = "",
    approval: ApprovalFlag = False,
    description: Annotated[str, typer.Option()] = "",
    as_json: JsonFlag = False,
) -> None:
    """Add a plan to an API."""
    body = {"name": name, "description": description, "version": _terms(rate, quota, price, approval)}
    made = hub(ctx).post(f"/apis/{segment(api)}/plans", body)
    show_done(made, f"Added plan {made['slug']}.", as_json=as_json)


@app.command()
def update(
    ctx: typer.Context,
    api: ApiArgument,
    plan: PlanArgument,
    name: Annotated[str, typer.Option()] = "",
    description: Annotated[str | None, typer.Option()] = None,
    lifecycle: Annotated[str, typer.Option(help="published, or retired: no new subscriptions.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Change what is no promise: name, text, whether it takes new subscriptions. Terms stay."""
    given = {"name": name or None, "description": description, "lifecycle": lifecycle or None}
    changes = {key: value for key, value in given.items() if value is not None}
    if not changes:
        error_console.print("Say what to change; see --help.")
        raise typer.Exit(USAGE)
    client = hub(ctx)
    saved = client.patch(f"/plans/{chosen_plan(client, api, plan)['id']}", changes)
    show_done(saved, f"{saved['slug']} is {saved['lifecycle']}: changed {', '.join(changes)}.", as_json=as_json)


@app.command()
def revise(
    ctx: typer.Context,
    api: ApiArgument,
    plan: PlanArgument,
    rate: RateOption = [],  # noqa: B006
    quota: QuotaOption = [],  # noqa: B006
    price: PriceOption = "",
    approval: ApprovalFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Give a plan new terms, all of them said anew. They are for new subscriptions; those there are keep theirs."""
    client = hub(ctx)
    found = chosen_plan(client, api, plan)
    terms = _terms(rate, quota, price, approval) | {"features": found["current_version"]["features"]}
    made = client.post(f"/plans/{found['id']}/versions", terms)
    show_done(made, f"{made['slug']} has its terms number {made['current_version']['number']} now.", as_json=as_json)


@app.command()
def delete(ctx: typer.Context, api: ApiArgument, plan: PlanArgument, yes: YesFlag = False) -> None:
    """Delete a plan that nobody ever subscribed to; others are retired with `plan update --lifecycle retired`."""
    client = hub(ctx)
    found = chosen_plan(client, api, plan)
    confirm(f"Delete the plan {found['name']}?", yes=yes)
    client.delete(f"/plans/{found['id']}")
    console.print("Deleted.")


def _terms(rate: list[str], quota: list[str], price: str, approval: bool) -> dict[str, Any]:
    return {
        "rate_limits": [rate_limit(text) for text in rate],
        "quotas": [quota_terms(text) for text in quota],
        "price": _price(price) if price else None,
        "approval": approval,
    }


def chosen_plan(client: HubClient, api: str, wanted: str, *, held: dict[str, Any] | None = None) -> dict[str, Any]:
    """The plan of that slug, name or id: one on offer, or the one that is held and perhaps no longer on offer."""
    plans = list(client.pages(f"/apis/{segment(api)}/plans"))
    for plan in [held, *plans] if held else plans:
        if wanted in (plan["id"], plan["slug"], plan["name"]):
            return plan
    if not wanted and len(plans) == 1:
        return plans[0]
    names = ", ".join(plan["slug"] for plan in plans) or "none"
    told = f"There is no plan {wanted!r}" if wanted else "Say which plan with --plan"
    error_console.print(f"{told}; there are: {names}.", markup=False)
    raise typer.Exit(USAGE)


def _row(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan with its terms as ``plan create`` takes them."""
    terms, price = plan["current_version"], plan["current_version"]["price"]
    return {
        **plan,
        "rates": [_written_rate(rate) for rate in terms["rate_limits"]],
        "quotas": [_written_quota(quota) for quota in terms["quotas"]],
        "price": f"{price['amount_cents'] / 100:.2f}{price['currency']}/{price['period']}" if price else "",
        "approval": terms["approval"],
    }


def _written_rate(rate: dict[str, Any]) -> str:
    unit = next((name for name in ("day", "hour", "minute") if rate["seconds"] == _SECONDS[name]), "")
    return f"{rate['requests']}/{unit or str(rate['seconds']) + 's'}"


def _written_quota(quota: dict[str, Any]) -> str:
    unit = {"bytes": "B", "header": f":{quota['header']}"}.get(quota["unit"], "")
    terms = [f"{quota['amount']}{unit}/{quota['window']}"]
    terms += ["rolling"] * quota["rolling"] + [f"warn={quota['soft_percent']}"] * bool(quota["soft_percent"])
    return ",".join(terms + ["overage"] * quota["overage"])


def rate_limit(text: str) -> dict[str, int]:
    """``60/minute`` or ``5/10s`` as requests and seconds."""
    match = re.fullmatch(r"(\d+)/(\d*)([a-z]+)", text.strip())
    if not match or match[3] not in _SECONDS:
        _refuse(text, "60/minute or 5/10s")
    return {"requests": int(match[1]), "seconds": int(match[2] or 1) * _SECONDS[match[3]]}


def quota_terms(text: str) -> dict[str, Any]:
    """``1000/day``, ``5GB/month``, ``1000:x-tokens/24h`` … with ``,rolling``, ``,warn=80``, ``,overage`` as terms."""
    head, *words = [part.strip() for part in text.split(",")]
    match = _QUOTA.fullmatch(head)
    named = dict(word.partition("=")[::2] for word in words)
    if not match or named.keys() - {"rolling", "overage", "warn"} or not named.get("warn", "0").isdigit():
        _refuse(text, "1000/day, 5GB/month,warn=80 or 200:x-tokens/hour,rolling,overage")
    terms: dict[str, Any] = {
        "amount": int(match["amount"]) * _BYTES.get(match["bytes"] or "", 1),
        "window": match["window"],
    }
    if match["bytes"]:
        terms["unit"] = "bytes"
    if match["header"]:
        terms |= {"unit": "header", "header": match["header"]}
    return terms | {
        "rolling": "rolling" in named,
        "overage": "overage" in named,
        "soft_percent": int(named.get("warn", 0)),
    }


def _price(text: str) -> dict[str, Any]:
    match = re.fullmatch(r"(\d+)(?:\.(\d{2}))?\s*([A-Z]{3})", text.strip())
    if not match:
        _refuse(text, "29.00EUR")
    return {"amount_cents": int(match[1]) * 100 + int(match[2] or 0), "currency": match[3], "period": "month"}


def _refuse(text: str, example: str) -> NoReturn:
    error_console.print(f"{text!r} cannot be read; write it like {example}.", markup=False)
    raise typer.Exit(USAGE)
