"""A small client of ``/api/v1``: one place for addresses, tokens, problems and exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
import typer
from rich.markup import escape

from waypost.interaction.cli.hints import HINTS
from waypost.interaction.cli.output import error_console
from waypost.interaction.cli.profile import DEFAULT_HUB, Profile

# Exit codes, documented in docs/reference/cli.md.
FAILED, USAGE, NOT_ALLOWED, NOT_FOUND, UNREACHABLE, REFUSED = 1, 2, 3, 4, 5, 6
_BY_STATUS = {401: NOT_ALLOWED, 403: NOT_ALLOWED, 404: NOT_FOUND, 409: REFUSED, 412: REFUSED, 422: REFUSED}


class HubClient:
    """Calls the hub and returns decoded JSON; a problem is printed and ends the program with its exit code."""

    def __init__(self, profile: Profile) -> None:
        headers = {"Accept": "application/json"}
        if profile.token:
            headers["Authorization"] = f"Bearer {profile.token.reveal()}"
        self.profile = profile
        self._http = httpx.Client(base_url=_address(profile.hub), headers=headers, timeout=120)

    def guard(self, csrf_token: str) -> None:
        """Send what a signed-in session, in place of a token, asks of whoever changes something."""
        self._http.headers["X-CSRF-Token"] = csrf_token

    def get(self, path: str, **params: Any) -> Any:
        """GET with the parameters that are not None."""
        return self._send("GET", path, params=_given(params))

    def post(self, path: str, body: Any = None) -> Any:
        """POST JSON."""
        return self._send("POST", path, json=body)

    def delete(self, path: str) -> None:
        """DELETE with the revision the object has now."""
        self._send("DELETE", path, headers=self._if_match(path))

    def remove(self, path: str) -> Any:
        """DELETE something that has no revision; what the hub says of it."""
        return self._send("DELETE", path)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH the object as it is now."""
        return self._send("PATCH", path, json=body, headers=self._if_match(path))

    def put(self, path: str, body: Any, **params: Any) -> Any:
        """PUT JSON."""
        return self._send("PUT", path, json=body, params=_given(params))

    def text(self, path: str, **params: Any) -> str:
        """GET something that is not JSON."""
        return self._raw("GET", path, params=params).text

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **params)
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def _if_match(self, path: str) -> dict[str, str]:
        tag = self._raw("GET", path).headers.get("etag")
        return {"If-Match": tag} if tag else {}

    def _send(self, method: str, path: str, **options: Any) -> Any:
        response = self._raw(method, path, **options)
        try:
            return response.json() if response.content else None
        except ValueError as error:
            error_console.print(f"What answers at {self.profile.hub} is no hub.", markup=False)
            raise typer.Exit(UNREACHABLE) from error

    def _raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            self._unreachable(error)
        if response.is_error:
            show_problem(response)
        return response

    def _unreachable(self, error: httpx.HTTPError) -> NoReturn:
        error_console.print(f"[red]No answer from {escape(self.profile.hub)}[/red]: {escape(str(error))}")
        error_console.print("Is the hub running? Start one with `waypost up`, or name another with --hub.")
        raise typer.Exit(UNREACHABLE) from error


def _address(hub: str) -> str:
    """Where the API of a hub is; what is no address of one ends the program."""
    try:
        parsed = httpx.URL(hub)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        error_console.print(f"{hub!r} is no address of a hub; write it like {DEFAULT_HUB}.", markup=False)
        raise typer.Exit(USAGE)
    return f"{hub}/api/v1"


def segment(wanted: str) -> str:
    """An id or a name as one segment of a path; what is none ends the program."""
    if not wanted.strip(".") or "/" in wanted:  # servers read %2F as the slash it stands for
        error_console.print(f"{wanted!r} is no id or name.", markup=False)
        raise typer.Exit(USAGE)
    return quote(wanted, safe="")


def only(found: list[dict[str, Any]], wanted: str, *, listing: str) -> dict[str, Any]:
    """The one thing of a name; none or several end the program and name the command that lists them."""
    if len(found) == 1:
        return found[0]
    known = "Several are" if found else "Nothing here is"
    error_console.print(f"{known} called {wanted!r}; `waypost {listing}` shows ids.", markup=False)
    raise typer.Exit(USAGE)


def _given(params: dict[str, Any]) -> dict[str, Any] | None:
    """Those that are not None; None for none at all, which leaves a query that stands in the path alone."""
    return {key: value for key, value in params.items() if value is not None} or None


def show_problem(response: httpx.Response) -> NoReturn:
    """Print a problem+json answer for people and end with its exit code."""
    problem = _problem_of(response)
    title, code = str(problem.get("title", "Failed")), problem.get("code", response.status_code)
    error_console.print(f"[red]{escape(title)}[/red] ({escape(str(code))})")
    errors, detail = problem.get("errors") or [], str(problem.get("detail") or title)
    told = tuple(str(item.get("message")).rstrip(".").casefold() for item in errors)
    if detail != title and not detail.rstrip(".").casefold().endswith(told):
        error_console.print(f"  {detail}", markup=False)
    for item in errors:
        place = f"line {item['line']}" if item.get("line") else item.get("pointer") or "the whole"
        error_console.print(f"  - {place}: {item.get('message', '')} {item.get('hint') or ''}".rstrip(), markup=False)
    way_out = HINTS.get(str(code)) or problem.get("hint")
    if way_out:
        error_console.print(f"  → {way_out}", markup=False)
    if problem.get("request_id"):
        error_console.print(f"  request {problem['request_id']}", style="dim", markup=False)
    raise typer.Exit(_BY_STATUS.get(response.status_code, FAILED))


def _problem_of(response: httpx.Response) -> dict[str, Any]:
    if "json" in response.headers.get("content-type", ""):
        body = response.json()
        if isinstance(body, dict):
            return body
    return {"title": f"The hub answered {response.status_code}", "detail": response.text[:500]}
