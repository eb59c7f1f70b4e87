"""One request, one unit of work: opened late, its answer rendered before the commit, committed before it leaves.

The answer to a create with an ``Idempotency-Key`` is kept in the same transaction, so a crash in between loses neither
or both.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from fastapi import Request, Response

from waypost.application import idempotency
from waypost.application.context import Context, Principal
from waypost.application.work import open_context
from waypost.interaction.api.problems import request_id_of
from waypost.kit.crypto import sha256_hex
from waypost.kit.errors import Malformed

if TYPE_CHECKING:
    from waypost.application.parts import Parts

KEY_HEADER = "idempotency-key"
REPLAY_HEADER = "Idempotent-Replayed"


class Replayed(Exception):
    """This create was answered before; carries the answer."""

    def __init__(self, answer: idempotency.StoredAnswer) -> None:
        super().__init__("answered before")
        self.answer = answer


class Unit:
    """The unit of work of one request. Rolls back unless :meth:`finish` saw a success."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._stack = AsyncExitStack()
        self._key = ""
        self.ctx: Context | None = None

    async def __aenter__(self) -> Unit:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def open(self, parts: Parts, principal: Principal, *, write: bool) -> Context:
        """Begin the transaction; raises Replayed when this create was answered before."""
        if self.ctx is not None:
            raise RuntimeError("the unit of work of this request is open already")
        request_id = request_id_of(self._request)
        opened = open_context(parts, principal, write=write, request_id=request_id)
        self.ctx = await self._stack.enter_async_context(opened)
        if write and self._request.method == "POST" and principal.id:
            await self._recall(self.ctx)
        return self.ctx

    async def _recall(self, ctx: Context) -> None:
        key = self._request.headers.get(KEY_HEADER, "")
        if not key:
            return
        if len(key) > 255 or not key.isprintable():
            raise Malformed("Idempotency-Key takes 1 to 255 printable characters.")
        answer = await idempotency.begin(ctx, key=key, fingerprint=await self._fingerprint(ctx.principal))
        if answer is not None:
            raise Replayed(answer)
        self._key = key

    async def _fingerprint(self, principal: Principal) -> str:
        """What is asked, with which scopes: an answer may hold a secret that another token of the person must not."""
        request, scopes = self._request, "" if principal.scopes is None else " ".join(sorted(principal.scopes))
        head = f"{request.method} {request.url.path}?{request.url.query}\n{scopes}\n".encode()
        return sha256_hex(head + await request.body())

    async def finish(self, response: Response) -> None:
        """Commit what was done when the answer is a success."""
        if self.ctx is None or response.status_code >= 400:
            return
        if self._key:
            body = bytes(response.body)
            await idempotency.complete(self.ctx, key=self._key, status=response.status_code, body=body)
        await self.ctx.uow.commit()


def replay(answer: idempotency.StoredAnswer) -> Response:
    """The first answer again, marked as such."""
    headers = {REPLAY_HEADER: "true"}
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)
