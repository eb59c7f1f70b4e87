"""What may not be in the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"uv.lock"}  # uv cannot do without the addresses of the public index
HOSTS = re.compile(rb"registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org/simple|deb\.debian\.org")
LONGEST = 500


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_no_package_host_and_no_path_of_a_machine() -> None:
    paths = re.compile(rb"/work/main|/root/\.")
    for path in tracked():
        if path.name in LOCKS or path == Path(__file__) or not path.is_file():
            continue
        found = HOSTS.search(path.read_bytes()) or paths.search(path.read_bytes())
        assert not found, f"{path.relative_to(ROOT)} names {found[0]!r}"


def test_nothing_built_or_vendored_is_tracked() -> None:
    folders = {"node_modules", "dist", "vendor", "third_party", "__pycache__", ".venv"}
    assert [path for path in tracked() if folders & set(path.relative_to(ROOT).parts)] == []


@pytest.mark.parametrize("folder", ["src", "tests", "bench", "scripts"])
def test_no_python_file_has_grown_too_long(folder: str) -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in tracked(f"{folder}/*.py")
        if (n := len(p.read_text().splitlines())) > LONGEST
    }
    assert long == {}
