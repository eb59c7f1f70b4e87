"""Listening addresses: taken ports are named before anything starts."""

from __future__ import annotations

import errno
import socket


class PortTakenError(Exception):
    """Something else listens there."""

    def __init__(self, host: str, port: int, option: str) -> None:
        super().__init__(
            f"{host}:{port} is in use by another program. End it, "
            f"or choose another port with {option} (0 picks a free one)."
        )


def listen(host: str, port: int, *, option: str) -> socket.socket:
    """A listening TCP socket; PortTakenError names the port and the option that changes it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((host, port))
        server.listen(2048)
    except OSError as error:
        server.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTakenError(host, port, option) from error
        raise
    server.setblocking(False)
    return server


def reserve(host: str, port: int, *, option: str) -> int:
    """The port itself, or a free one for 0, checked to be free now."""
    with listen(host, port, option=option) as server:
        return int(server.getsockname()[1])


def shown(host: str) -> str:
    """``host`` as it stands in a URL that this machine can call: wildcards become loopback, IPv6 gets brackets."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
