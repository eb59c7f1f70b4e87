"""``make dev``: the hub with demo content, restarted when Python changes, and Vite's server for the portal beside it.

Open the address that Vite prints; it hands ``/api`` to the hub.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from watchfiles import run_process

ROOT = Path(__file__).resolve().parent.parent


def _hub() -> None:
    subprocess.run([sys.executable, "-m", "waypost", "up", *sys.argv[1:]], cwd=ROOT, check=False)  # noqa: S603


def main() -> None:
    """Run both until Ctrl-C."""
    os.environ.setdefault("WAYPOST_DATA_DIR", str(ROOT / ".waypost"))
    vite = subprocess.Popen(["npm", "run", "dev"], cwd=ROOT / "portal", start_new_session=True)  # noqa: S607
    try:
        run_process(ROOT / "src", target=_hub, watch_filter=lambda _change, path: path.endswith(".py"))
    finally:
        os.killpg(vite.pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
