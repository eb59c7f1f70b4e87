"""Two directories: one that the engine serves from, and one in which the next configuration is tried first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from waypost.integration.gateways.haproxy.maps import write


class FileSet:
    """A directory whose files are written only where they differ from what was written before."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._written: dict[str, str] = {}
        Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, files: Mapping[str, str], *, alone: bool = False) -> None:
        """Write ``files`` (name -> text); with ``alone`` others that this wrote before are removed."""
        for name, text in files.items():
            if self._written.get(name) != text:
                write(f"{self.directory}/{name}", text)
                self._written[name] = text
        for name in [name for name in self._written if alone and name not in files]:
            Path(self.directory, name).unlink(missing_ok=True)
            del self._written[name]
