"""A taken port is named with the option that changes it, before anything is started."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.e2e.product import command
from waypost.runtime.ports import PortTakenError, listen, reserve


def test_a_free_port_is_found_and_can_be_listened_on() -> None:
    port = reserve("127.0.0.1", 0, option="--port")
    with listen("127.0.0.1", port, option="--port") as server:
        assert server.getsockname()[1] == port


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"127\.0\.0\.1:{port} is in use.*--gateway-port"):
            reserve("127.0.0.1", port, option="--gateway-port")


@pytest.mark.parametrize("option", ["--port", "--gateway-port"])
def test_up_says_which_port_is_taken_and_ends(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        other = "--gateway-port" if option == "--port" else "--port"
        arguments = command("up", "--data", str(tmp_path / "hub"), option, port, other, "0", "--empty")
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"{port} is in use" in done.stderr
    assert option in done.stderr
    assert not (tmp_path / "hub").exists()
