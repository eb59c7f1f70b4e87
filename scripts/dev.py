"""``make dev``: the hub with demo content, restarted when Python changes, and Vite's server for the portal beside it.

The login that the hub prints leads to Vite, which hands ``/api`` to the hub and shows a change of the portal at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from watchfiles import watch

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 20.0
PORTAL = "http://localhost:5173"


def main() -> None:
    """Run both until Ctrl-C, or until somebody ends this."""
    os.environ.setdefault("WAYPOST_DATA_DIR", str(ROOT / ".waypost"))
    os.environ.setdefault("HUB_URL", f"http://127.0.0.1:{_port()}")
    os.environ.setdefault("WAYPOST_PUBLIC_URL", PORTAL)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    vite, hub = _start("npm", "run", "dev", folder="portal"), _hub()
    try:
        for _ in watch(ROOT / "src", watch_filter=_is_python, raise_interrupt=True):
            sys.stderr.write("Python has changed: the hub starts anew …\n")
            _stop(hub)
            hub = _hub()
    except KeyboardInterrupt:
        pass
    finally:
        _stop(hub)
        _stop_all(vite)


def _port() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--port", type=int, default=8080)
    return int(parser.parse_known_args()[0].port)


def _hub() -> subprocess.Popen[bytes]:
    return _start(sys.executable, "-m", "waypost", "up", *sys.argv[1:])


def _start(*command: str, folder: str = ".") -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C reaches it once, from here."""
    return subprocess.Popen(command, cwd=ROOT / folder, start_new_session=True)  # noqa: S603


def _stop(hub: subprocess.Popen[bytes]) -> None:
    """The hub ends its agent and its engine: the ports are free before it starts anew."""
    hub.terminate()
    try:
        hub.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _stop_all(hub)


def _stop_all(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _is_python(_change: object, path: str) -> bool:
    return path.endswith(".py")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
