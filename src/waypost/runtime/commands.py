"""The command line with the commands that start things: the REST client's commands come from ``interaction.cli``."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from waypost.interaction.cli import app
from waypost.interaction.cli.gateways import app as gateway_app
from waypost.interaction.cli.output import console, error_console
from waypost.kit.errors import Problem
from waypost.runtime.ports import PortTakenError
from waypost.runtime.settings import Settings

__all__ = ["app"]

DataOption = Annotated[Path | None, typer.Option("--data", help="Data folder (WAYPOST_DATA_DIR).")]
HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on (WAYPOST_HOST).")]
PortOption = Annotated[int | None, typer.Option("--port", help="Port of the hub, 0 picks a free one (WAYPOST_PORT).")]
_FULL_COLLECTION = 1000
"""Younger generations are collected so often before all objects are: that stops every thread, for up to a second while
a large definition is read. What is large here leaves no cycles behind."""
_TURN = 0.001
"""Seconds after which a thread that computes lets another go on (Python: 0.005); a transaction has ten such turns."""


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; failures that people can mend are printed as such and end with code 1."""
    import uvloop

    from waypost.runtime.up import StartError

    gc.set_threshold(*gc.get_threshold()[:2], _FULL_COLLECTION)
    sys.setswitchinterval(_TURN)
    try:
        return uvloop.run(work)
    except (PortTakenError, StartError) as error:
        error_console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    except Problem as problem:
        error_console.print(f"{problem.title}: {problem.detail}\n  → {problem.way_out}", markup=False)
        raise typer.Exit(1) from problem


@app.command()
def up(
    data: DataOption = None,
    host: HostOption = None,
    port: PortOption = None,
    gateway_port: Annotated[int | None, typer.Option(help="Port of the gateway, 0 picks a free one.")] = None,
    engine: Annotated[str, typer.Option(help="Engine of the embedded gateway: envoy or haproxy.")] = "envoy",
    empty: Annotated[bool, typer.Option("--empty", help="No demo content.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line once everything is ready.")] = False,
) -> None:
    """Start hub, portal and an embedded gateway: the whole product, nothing else to start."""
    from waypost.runtime.logging import configure
    from waypost.runtime.up import UpOptions
    from waypost.runtime.up import up as run

    settings = Settings.load(data_dir=data, host=host, port=port, gateway_port=gateway_port)
    configure(settings)
    options = UpOptions(demo=not empty, as_json=as_json, engine=engine)
    raise typer.Exit(_run(run(settings, options)))


@app.command()
def serve(data: DataOption = None, host: HostOption = None, port: PortOption = None) -> None:
    """Start the hub alone; gateways join it with `waypost gateway run`."""
    from waypost.runtime.logging import configure
    from waypost.runtime.serve import serve as run

    settings = Settings.load(data_dir=data, host=host, port=port)
    configure(settings)
    _run(run(settings))


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File to write, such as hub.tar.gz.")], data: DataOption = None
) -> None:
    """Copy everything the hub knows into one file, while it runs or not."""
    from waypost.runtime.backups import write_backup

    _run(write_backup(Settings.load(data_dir=data), target))
    console.print(f"Written: {target}", markup=False)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `waypost backup` wrote.")], data: DataOption = None
) -> None:
    """Bring a backup into an empty data folder."""
    from waypost.runtime.backups import read_backup

    settings = Settings.load(data_dir=data)
    _run(read_backup(settings, source))
    console.print(f"Restored into {settings.data_dir}. Start it with `waypost up`.", markup=False)


@app.command()
def doctor(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Check this machine and the data folder, and say how to mend what is wrong. Ends with 1 if something is."""
    from waypost.runtime.doctor import examine

    findings = _run(examine(Settings.load(data_dir=data)))
    if as_json:
        sys.stdout.write(json.dumps([finding.as_dict() for finding in findings], indent=2) + "\n")
    else:
        for finding in findings:
            mark = "[green]ok[/green]  " if finding.good else "[red]fail[/red]"
            console.print(f"{mark} {finding.check}: {finding.message}{'' if finding.good else f' → {finding.mend}'}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def openapi() -> None:
    """Print the description of the platform API (OpenAPI 3.1)."""
    from waypost.interaction.api.app import build_openapi

    sys.stdout.write(json.dumps(build_openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


@app.command("rotate-keyring")
def rotate_keyring(data: DataOption = None) -> None:
    """Seal with a fresh key from now on, and seal anew what is stored."""
    from waypost.runtime.backups import rotate_keys

    count = _run(rotate_keys(Settings.load(data_dir=data)))
    console.print(f"A fresh key seals from now on; {count} stored values were sealed anew.")


@gateway_app.command("run")
def gateway_run(
    hub: Annotated[str, typer.Option("--hub", help="Address of the hub.")] = "http://127.0.0.1:8080",
    data: Annotated[Path, typer.Option("--data", help="Folder of this gateway's state.")] = Path("gateway-data"),
    engine: Annotated[str, typer.Option(help="The engine to run: envoy or haproxy.")] = "envoy",
    listen_host: Annotated[str, typer.Option(help="Address that the gateway listens on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port that the gateway listens on; 0 picks a free one and keeps it.")
    ] = 8000,
    public_url: Annotated[str, typer.Option(help="How consumers reach it.")] = "",
    concurrency: Annotated[int, typer.Option(help="Worker threads of the engine; 0: one per core.")] = 0,
    spool_mib: Annotated[int, typer.Option(help="Most that unsent usage may take on disk.")] = 256,
    health_port: Annotated[int | None, typer.Option(help="Port of /healthz and /metrics of the agent.")] = None,
    hub_ca: Annotated[Path | None, typer.Option(help="PEM file of authorities to trust for the hub.")] = None,
    insecure_hub: Annotated[bool, typer.Option(help="Permit plain http to a hub on another machine.")] = False,
    parent_pid: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Run a gateway: an engine with its agent, which dials out to the hub.

    The first time it needs the one-time token of `waypost gateway enrol` in WAYPOST_ENROLMENT_TOKEN.
    """
    from waypost.runtime import agent

    options = agent.GatewayRunOptions(
        hub_url=hub,
        data_dir=data,
        engine=engine,
        listen_host=listen_host,
        listen_port=port,
        public_url=public_url,
        concurrency=concurrency,
        spool_max_bytes=spool_mib * 1024 * 1024,
        health_port=health_port,
        hub_ca=hub_ca,
        insecure_hub=insecure_hub,
        parent_pid=parent_pid,
    )
    raise typer.Exit(asyncio.run(agent.run(options)))
