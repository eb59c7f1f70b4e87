"""A gateway engine in a hundred lines, run as a process: serves what ``state.json`` says and writes an access log.

argv: directory, port. Each request reads the state anew. ``/_probe/<api>`` answers 204 with the API's hash.
"""

import http.server
import json
import sys
import time
from pathlib import Path

DIRECTORY = Path(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        state = json.loads((DIRECTORY / "state.json").read_text())
        _, kind, *rest = self.path.split("/")
        if kind == "_probe":
            known = rest and rest[0] in state["served"]
            self._answer(204 if known else 404, {"x-hash": state["served"][rest[0]]} if known else {})
            return
        self._log()
        self._answer(200, {})

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", "0")
        self.end_headers()

    def _log(self) -> None:
        with (DIRECTORY / "access.log").open("a") as log:
            log.write(json.dumps({"id": f"{time.time_ns()}", "path": self.path}) + "\n")

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


Server(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
