"""The tutorial's commands, as they stand there, against a real hub, gateway and server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.product import Product, running

pytestmark = pytest.mark.live
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "first-api.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
FIRST_ID = """$(waypost {} --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')"""


def script(product: Product, backend: int) -> str:
    """All blocks but the start and the sign-in, with this hub's addresses, ids as somebody reads them off a list."""
    text = "\n".join(BLOCK.findall(TUTORIAL.read_text())[2:])
    for written, meant in (
        ("127.0.0.1:9000", f"127.0.0.1:{backend}"),
        ("server 9000", f"server {backend}"),
        ("http://127.0.0.1:8000", product.gateway),
        ("cred_…", FIRST_ID.format("key list checkout")),
        ("sub_…", FIRST_ID.format("subscription list --state pending")),
        ("curl ", "curl -sS --fail --retry 20 --retry-delay 1 --retry-all-errors "),
    ):
        assert written in text
        text = text.replace(written, meant)
    return f"set -euo pipefail; trap 'kill $(jobs -p)' EXIT\n{text}"


def test_every_command_works(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        backend = free.getsockname()[1]
    with running(tmp_path / "hub") as product:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "WAYPOST_HUB": product.hub,
            "WAYPOST_TOKEN": product.token,
            "WAYPOST_CONFIG": str(tmp_path / "cli.json"),
            "PYTHONDONTWRITEBYTECODE": "",  # each command is a process of its own
        }
        done = subprocess.run(
            ["bash", "-c", script(product, backend)],
            cwd=tmp_path,
            env=environment,
            input="y\n",  # revoking asks
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    for told in (
        "Imported Orders as orders with 1 operation.",
        "verified by a probe",
        '"teapot"',
        "reports → Orders (Business): active",
    ):
        assert told in done.stdout
