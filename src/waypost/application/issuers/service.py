"""Issuers: of the hub, by administrators; of a team, by its maintainers. Keys are fetched before a change is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from waypost.application import access
from waypost.application.context import Context, Principal
from waypost.application.issuers.errors import IssuerInUse, IssuerTaken
from waypost.application.issuers.jwks import key_names
from waypost.application.issuers.material import KeyMaterial, acquire_keys, check_algorithms
from waypost.application.issuers.refresh import READY, REMOTE, next_check, refresh
from waypost.application.issuers.schemas import IssuerCreate, IssuerKeyRead, IssuerRead, IssuerUpdate
from waypost.application.oauth.identity import hub_issuer
from waypost.application.owners import BadOwner, owner_ref, require_owner
from waypost.application.revisions import bump, check_revision
from waypost.application.work import open_context
from waypost.information.models import EntityRow, IssuerRow
from waypost.information.repos.apps import AppRepo
from waypost.information.repos.issuers import IssuerRepo
from waypost.information.repos.paging import paginate
from waypost.kit.errors import FieldError, Forbidden, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

if TYPE_CHECKING:
    from waypost.application.parts import Parts

SORTS = {"name": IssuerRow.name, "created_at": IssuerRow.created_at}
VERBS = ("update", "refresh", "delete")


class IssuerService:
    """Stateless. ``acquire…`` first (it may take seconds and opens no transaction for long), then the change."""

    async def list(self, ctx: Context, *, page: PageRequest) -> Page[IssuerRead]:
        """The hub's issuers and those of the caller's teams, by name."""
        access.require_user(ctx)
        found = await paginate(
            ctx.session,
            IssuerRepo(ctx.session).listing(_visible(ctx)),
            page=page,
            sort_columns=SORTS,
            id_column=IssuerRow.id,
            default_sort="name",
        )
        return Page([_read(ctx, row, owner) for row, owner in found.items], found.next_cursor)

    async def get(self, ctx: Context, issuer_id: str) -> IssuerRead:
        """One issuer. NotFound where it is another team's."""
        return _read(ctx, *await self._find(ctx, issuer_id))

    async def acquire_new(self, parts: Parts, principal: Principal, body: IssuerCreate) -> KeyMaterial:
        """The keys of an issuer to be. Raises Forbidden, NotFound, IssuerInvalid, KeysRefused."""
        async with open_context(parts, principal, write=False) as ctx:
            _require_new(ctx, body.owner_id or None)
            _check_http(ctx, body.allow_http)
        return await acquire_keys(
            parts.fetcher,
            body,
            url=body.url,
            algorithms=tuple(dict.fromkeys(body.algorithms)),
            allow_http=body.allow_http,
        )

    async def create(self, ctx: Context, body: IssuerCreate, keys: KeyMaterial) -> IssuerRead:
        """Register it with the keys that were found. Raises BadOwner, IssuerTaken, Forbidden, OwnerNotFound."""
        _require_new(ctx, body.owner_id or None)
        await self._check_free(ctx, body.url)
        owner = await AppRepo(ctx.session).owner(body.owner_id) if body.owner_id else None
        if body.owner_id and (owner is None or owner.kind != "team"):
            raise BadOwner(errors=[FieldError("/owner_id", "there is no such team")])
        now = ctx.clock.now()
        row = IssuerRow(
            id=new_id("iss"),
            owner_id=body.owner_id or None,
            name=body.name or body.url[:100],
            url=body.url,
            allow_http=body.allow_http,
            algorithms=list(dict.fromkeys(body.algorithms)),
            client_claim=body.client_claim,
            proof_audience=body.proof_audience,
            refresh_seconds=body.refresh_seconds,
            created_at=now,
            updated_at=now,
            revision=1,
        )
        _take(ctx, row, keys)
        ctx.session.add(row)
        await _record(ctx, "issuer.created", row)
        return _read(ctx, row, owner)

    async def acquire_change(
        self, parts: Parts, principal: Principal, issuer_id: str, body: IssuerUpdate
    ) -> KeyMaterial | None:
        """The keys after this change; None where it leaves them as they are. Raises as :meth:`acquire_new`."""
        async with open_context(parts, principal, write=False) as ctx:
            row, _ = await self._require(ctx, issuer_id)
            _check_http(ctx, bool(body.allow_http))
        sets = body.model_fields_set
        algorithms = tuple(dict.fromkeys(body.algorithms or row.algorithms))
        allow_http = row.allow_http if body.allow_http is None else body.allow_http
        names_place = bool(sets & {"discovery_url", "jwks_url", "jwks", "shared_secret", "opaque"})
        if not names_place and not sets & {"algorithms", "allow_http"}:
            return None
        if not names_place:
            check_algorithms(row.source, algorithms)
            if row.source in ("secret", "opaque"):
                return None
            body = body.model_copy(update=_same_place(row))
        return await acquire_keys(parts.fetcher, body, url=row.url, algorithms=algorithms, allow_http=allow_http)

    async def update(
        self, ctx: Context, issuer_id: str, body: IssuerUpdate, keys: KeyMaterial | None, *, revision: int
    ) -> IssuerRead:
        """Raises PreconditionFailed besides what access says."""
        row, owner = await self._require(ctx, issuer_id)
        check_revision(row, revision)
        for name in ("name", "algorithms", "client_claim", "proof_audience", "refresh_seconds", "allow_http"):
            value = getattr(body, name)
            if value is not None:
                setattr(row, name, list(dict.fromkeys(value)) if name == "algorithms" else value)
        if keys is not None:
            _take(ctx, row, keys)
        bump(ctx, row)
        await _record(ctx, "issuer.updated", row)
        return _read(ctx, row, owner)

    async def concerned(self, ctx: Context, issuer_id: str) -> Sequence[str]:
        """Ids of the APIs whose policies may name the issuer, for who may change it."""
        row, _ = await self._require(ctx, issuer_id)
        return await IssuerRepo(ctx.session).apis_naming(row.id)

    async def delete(self, ctx: Context, issuer_id: str, *, revision: int) -> None:
        """Raises IssuerInUse while policies name it or apps have clients of it."""
        row, _ = await self._require(ctx, issuer_id)
        check_revision(row, revision)
        await ctx.uow.alone()
        repo = IssuerRepo(ctx.session)
        policies, clients = await repo.count_policies(row.id), await repo.count_clients(row.url)
        if policies or clients:
            raise IssuerInUse(f"{policies} policies name it, {clients} clients of it belong to apps.")
        await ctx.session.delete(row)
        await _record(ctx, "issuer.deleted", row)

    async def refresh(self, parts: Parts, principal: Principal, issuer_id: str) -> IssuerRead:
        """Fetch its keys now; what went wrong, if anything, stands in ``state`` and ``error``."""
        async with open_context(parts, principal, write=False) as ctx:
            await self._require(ctx, issuer_id)
        await refresh(parts, issuer_id)
        async with open_context(parts, principal, write=False) as ctx:
            return await self.get(ctx, issuer_id)

    async def _find(self, ctx: Context, issuer_id: str) -> tuple[IssuerRow, EntityRow | None]:
        access.require_user(ctx)
        listing = IssuerRepo(ctx.session).listing(_visible(ctx)).where(IssuerRow.id == issuer_id)
        found = (await ctx.session.execute(listing)).one_or_none()
        if found is None:
            raise NotFound
        return found[0], found[1]

    async def _require(self, ctx: Context, issuer_id: str) -> tuple[IssuerRow, EntityRow | None]:
        row, owner = await self._find(ctx, issuer_id)
        access.require(ctx, _permission(row.owner_id), owner_id=row.owner_id, visible=True)
        return row, owner

    async def _check_free(self, ctx: Context, url: str) -> None:
        taken = url.rstrip("/") == hub_issuer(ctx.parts.public_url) or await IssuerRepo(ctx.session).by_url(url)
        if taken:
            raise IssuerTaken


def _visible(ctx: Context) -> ColumnElement[bool]:
    owner = cast("InstrumentedAttribute[str]", IssuerRow.owner_id)
    return or_(owner.is_(None), access.owned_by(ctx.principal, owner, "catalog:read"))


def _permission(owner_id: str | None) -> str:
    return "catalog:write" if owner_id else "hub:write"


def _require_new(ctx: Context, owner_id: str | None) -> None:
    require_owner(ctx, _permission(owner_id), owner_id)


def _check_http(ctx: Context, wanted: bool) -> None:
    if wanted and not ctx.principal.is_administrator:
        raise Forbidden("Only an administrator may have keys fetched without TLS.", hint="Use an https address.")


def _same_place(row: IssuerRow) -> dict[str, Any]:
    """The fields that say where the keys of ``row`` are."""
    match row.source:
        case "discovery":
            return {"discovery_url": row.address}
        case "jwks_url":
            return {"jwks_url": row.address}
        case _:
            return {"jwks": row.jwks}


def _take(ctx: Context, row: IssuerRow, keys: KeyMaterial) -> None:
    now = ctx.clock.now()
    row.source, row.address, row.jwks = keys.source, keys.address, keys.jwks
    row.sealed_secret = ctx.parts.keyring.seal(keys.secret) if keys.secret else ""
    row.state, row.error, row.error_code, row.failures = READY, "", "", 0
    row.checked_at = row.fetched_at = now
    row.next_check_at = next_check(now, seconds=row.refresh_seconds) if keys.source in REMOTE else None


async def _record(ctx: Context, kind: str, row: IssuerRow) -> None:
    shown = ("url", "source", "algorithms", "client_claim", "proof_audience")
    data = {name: getattr(row, name) for name in shown}
    await ctx.uow.record(kind, object_kind="issuer", object_id=row.id, owner_id=row.owner_id or "", data=data)
    ctx.uow.after_commit(ctx.parts.changed.pulse)


def _read(ctx: Context, row: IssuerRow, owner: EntityRow | None) -> IssuerRead:
    verbs = dict.fromkeys(VERBS, _permission(row.owner_id))
    if row.source not in REMOTE:
        del verbs["refresh"]
    may = access.may(ctx, row.owner_id, verbs)
    return IssuerRead(
        id=row.id,
        owner=owner_ref(owner) if owner else None,
        name=row.name,
        url=row.url,
        source=row.source,
        address=row.address if may else "",
        allow_http=row.allow_http,
        algorithms=row.algorithms,
        client_claim=row.client_claim,
        proof_audience=row.proof_audience,
        refresh_seconds=row.refresh_seconds,
        keys=[IssuerKeyRead(**key) for key in key_names(row.jwks)],
        state=row.state,
        error_code=row.error_code,
        error=row.error if may else "",
        checked_at=row.checked_at,
        fetched_at=row.fetched_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        may=may,
    )
