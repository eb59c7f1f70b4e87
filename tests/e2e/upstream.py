"""A provider's backend for tests: a real HTTP server on loopback that answers JSON and remembers what it saw."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DEFINITION = """\
openapi: 3.1.0
info: {title: %(title)s, version: 1.0.0, description: Orders of a small shop.}
servers:
  - url: %(url)s
tags: [{name: orders}]
paths:
  /orders:
    get:
      operationId: listOrders
      summary: List orders
      tags: [orders]
      responses:
        "200": {description: All, content: {application/json: {example: {items: []}}}}
    post:
      operationId: createOrder
      summary: Create an order
      tags: [orders]
      responses:
        "201": {description: Made, content: {application/json: {example: {id: o-1}}}}
  /orders/{id}:
    get:
      operationId: getOrder
      summary: Read one order
      tags: [orders]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One, content: {application/json: {example: {id: o-1}}}}
"""


@dataclass(slots=True)
class Upstream:
    """What a test knows of the running backend; ``delay`` seconds slow it down."""

    url: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    delay: float = 0.0

    def definition(self, title: str = "Orders") -> str:
        """An OpenAPI definition whose server is this backend."""
        return DEFINITION % {"url": self.url, "title": title}


@contextmanager
def serving() -> Iterator[Upstream]:
    """Serve on a free port until the block ends."""
    upstream = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            upstream.seen.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
            time.sleep(upstream.delay)
            content = json.dumps({"method": self.command, "path": self.path, "items": []}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    upstream.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
