"""``python -m waypost.testing.conformance --engine envoy [--report FILE] [--case PATTERN] [--known FILE]``."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import sys
from pathlib import Path

import structlog
import yaml
from rich.console import Console

from waypost.contracts.drivers import DriverFactory, DriverOptions, GatewayDriver
from waypost.testing.conformance.loading import load
from waypost.testing.conformance.report import BAD, Report
from waypost.testing.conformance.runner import run

KNOWN = Path(__file__).parent / "known"


def main(argv: list[str] | None = None) -> int:
    """0 all as it should be, 1 something is wrong, 2 the command makes no sense."""
    arguments = _parser().parse_args(argv)
    console = Console(soft_wrap=True)
    quiet()
    try:
        cases = load(arguments.cases, arguments.case)
        factory = driver_factory(arguments.engine, arguments.driver)
        known = known_failures("" if arguments.driver else arguments.engine, arguments.known)
        if not cases:
            raise ValueError("no case has such an id; --list shows them all")
    except (ValueError, ImportError, AttributeError) as error:
        console.print(f"[red]{error}[/red]")
        return 2
    if arguments.list:
        console.print("\n".join(f"{case.id}: {case.case.about}" for case in cases), markup=False)
        return 0
    report = asyncio.run(run(cases, factory)).with_known(known)
    _show(console, report)
    if arguments.report:
        arguments.report.write_text(json.dumps(report.plain(), indent=1) + "\n")
    return 0 if report.good else 1


def driver_factory(engine: str, driver: str = "") -> DriverFactory:
    """The factory of an engine that comes with this package, or ``package.module:Factory``."""
    if driver:
        module, _, name = driver.partition(":")
        factory: DriverFactory = getattr(importlib.import_module(module), name)
        return factory
    from waypost.integration.gateways.registry import factories, make_driver

    if engine not in {known.value for known in factories()}:
        raise ValueError(f"there is no driver for {engine!r}; there is one for {', '.join(sorted(factories()))}")

    def make(options: DriverOptions) -> GatewayDriver:
        return make_driver(engine, options)

    return make


def known_failures(engine: str, path: Path | None = None) -> dict[str, str]:
    """Case id -> reason: of ``path``, or what this package knows of an engine of its own."""
    found = path or KNOWN / f"{engine}.yaml"
    return dict(yaml.safe_load(found.read_text()) or {}) if path or found.exists() else {}


def quiet() -> None:
    """What a driver logs of an engine's refusals stands in the report already."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def _show(console: Console, report: Report) -> None:
    console.print(report.table())
    for result in report.results:
        if result.outcome in BAD:
            console.print(f"{result.outcome} {result.id}", style="red", markup=False)
            for reason in result.reasons:
                console.print(f"    {reason}", markup=False, highlight=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m waypost.testing.conformance", description=__doc__)
    parser.add_argument("--engine", default="envoy", help="an engine of this installation")
    parser.add_argument("--driver", default="", help="a driver of your own, as package.module:Factory")
    parser.add_argument(
        "--case", action="append", default=[], metavar="PATTERN", help="such as 'cors.*'; may be repeated"
    )
    parser.add_argument("--cases", type=Path, default=None, help="a directory of case files of your own")
    parser.add_argument("--known", type=Path, help="YAML of case id: reason, failures that are known")
    parser.add_argument("--report", type=Path, help="write the outcomes as JSON")
    parser.add_argument("--list", action="store_true", help="only list the cases")
    return parser


if __name__ == "__main__":
    sys.exit(main())
