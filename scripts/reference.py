"""Write the generated reference pages: command line, settings, error codes, roles, and the OpenAPI snapshot.

``make docs`` writes; ``python scripts/reference.py --check`` only says what is stale (exit code 1), as a test does.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer
from policies_page import policies_page
from pydantic import SecretStr
from typer.cli import get_docs_for_click

import waypost
from waypost.application.access import role_table
from waypost.contracts.vocab import Refusal
from waypost.interaction.api.app import build_openapi
from waypost.kit.errors import Problem
from waypost.runtime.commands import app
from waypost.runtime.settings import Settings
from waypost.testing.conformance.form import schema as case_schema
from waypost.testing.conformance.loading import load as load_cases
from waypost.testing.conformance.page import page as conformance_page

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs`; do not edit. -->\n\n"
EXIT_CODES = """
## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | the hub failed, or the command did |
| 2 | the command was not understood, or names something that is not there |
| 3 | not signed in, or not allowed |
| 4 | not found |
| 5 | no answer from the hub |
| 6 | the hub refused: a conflict, an invalid value, or a publication that did not go live |
"""


def cli() -> str:
    """Every command with its options."""
    command = typer.main.get_command(app)
    with command.make_context("waypost", [], resilient_parsing=True) as context:
        return NOTE + get_docs_for_click(obj=command, ctx=context, name="waypost") + EXIT_CODES


def settings() -> str:
    """Every setting with its variable, default and meaning."""
    rows = ["# Settings", "", "Set them in the environment or in a file named by `WAYPOST_ENV_FILE`.", ""]
    rows += ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=False)
        shown = "" if field.default_factory or not str(_plain(default)) else f"`{_plain(default)}`"
        rows.append(f"| `WAYPOST_{name.upper()}` | {shown} | {field.description or ''} |")
    return NOTE + "\n".join(rows) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple | list) else "" if value is None else value


def errors() -> str:
    """Every problem code of the platform API and of the gateways."""
    rows = ["# Error codes", "", "Every error is `application/problem+json` (RFC 9457) with a stable `code`.", ""]
    rows += ["## Platform API", "", "| code | status | title | way out |", "|---|---|---|---|"]
    for problem in sorted(_problems(), key=lambda kind: kind.code):
        rows.append(f"| `{problem.code}` | {problem.status} | {problem.title} | {problem.hint} |")
    rows += ["", "## Gateways", "", "Stable over every engine: " + ", ".join(f"`{code}`" for code in Refusal) + ".", ""]
    return NOTE + "\n".join(rows)


def _problems() -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(waypost.__path__, "waypost."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting: list[type[Problem]] = [Problem]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if inspect.getmodule(kind) and kind.__module__.startswith("waypost."):
            yield kind


def roles() -> str:
    """The permission table."""
    rows = ["# Roles", "", "One table holds them all; a token needs the scope *and* its user the role.", ""]
    rows += ["| level | role | permissions |", "|---|---|---|"]
    rows += [f"| {row.level} | {row.role} | {', '.join(f'`{p}`' for p in row.permissions)} |" for row in role_table()]
    return NOTE + "\n".join(rows) + "\n"


def openapi() -> str:
    """The platform API's description."""
    return json.dumps(build_openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def conformance() -> str:
    """What each engine answered, from the reports that `python -m waypost.testing.conformance --report` wrote."""
    reports = [json.loads(path.read_text()) for path in sorted((REFERENCE / "conformance").glob("*.json"))]
    return NOTE + conformance_page(load_cases(), {report["engine"]: report for report in reports})


def conformance_schema() -> str:
    """The form of a file of conformance cases."""
    return json.dumps(case_schema(), indent=1, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "settings.md": settings,
    "errors.md": errors,
    "roles.md": roles,
    "openapi.json": openapi,
    "policies.md": lambda: NOTE + policies_page(),
    "conformance.md": conformance,
    "conformance.schema.json": conformance_schema,
}


def main() -> int:
    """Write or check; the exit code."""
    stale = []
    for name, write in PAGES.items():
        path, text = REFERENCE / name, write()
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    sys.stdout.write(f"{'stale' if '--check' in sys.argv else 'written'}: {', '.join(stale) or 'nothing'}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
