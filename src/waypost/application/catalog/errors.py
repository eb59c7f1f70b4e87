"""What can go wrong in the catalog."""

from __future__ import annotations

from waypost.kit.errors import Conflict, Invalid, NotFound


class ApiNotFound(NotFound):
    """No such API, or not the caller's to know of."""

    code = "api_not_found"
    title = "No such API"
    hint = "Check the id or slug; the API may also be private to another team."


class VersionNotFound(NotFound):
    """No such version, or not the caller's to know of."""

    code = "version_not_found"
    title = "No such version"
    hint = "List the API's versions to see which there are."


class OperationNotFound(NotFound):
    """No such operation in this version."""

    code = "operation_not_found"
    title = "No such operation"
    hint = "List the version's operations to see which there are."


class DefinitionNotFound(NotFound):
    """The version was made by hand, without a definition."""

    code = "definition_not_found"
    title = "This version has no definition"
    hint = "Import one into this version."


class PathTaken(Conflict):
    """Slug or base path belong to another API of this hub."""

    code = "path_taken"
    title = "This address belongs to another API"
    hint = "Choose another slug and base path; to update that API, import into it as a version instead."


class VersionTaken(Conflict):
    """Two versions of an API claim one name or one mount."""

    code = "version_taken"
    title = "Another version of this API has this name or mount"
    hint = "Choose another name and mount, or replace the definition of that version."


class DefinitionInvalid(Invalid):
    """The definition cannot be imported; ``errors`` names every reason with line or JSON pointer."""

    code = "definition_invalid"
    title = "This definition cannot be imported"
    hint = "Mend what is named and import it again."


class DefinitionMissing(Invalid):
    """Neither text nor address was given."""

    code = "definition_missing"
    title = "There is no definition to import"
    hint = "Send `content` or `url`."


class FetchFailed(Invalid):
    """The hub could not or would not fetch the address; ``extra.reason`` says why as a stable code."""

    code = "definition_not_fetched"
    title = "The definition could not be fetched"
    hint = "Paste the definition or upload the file instead."


class UpstreamInvalid(Invalid):
    """The upstream address cannot be used."""

    code = "upstream_invalid"
    title = "This upstream address cannot be used"
    hint = "Give an absolute http or https address that the gateway may reach."


class LifecycleRefused(Conflict):
    """There is no way from where it stands to where it should go."""

    code = "lifecycle_refused"
    title = "This step is not possible from here"


class OperationsWouldGo(Conflict):
    """A newer definition removes operations that consumers may be calling."""

    code = "operations_would_go"
    title = "The new definition removes operations of a published version"
    hint = "Add them again, import it as a new version, or send `confirm: true`."


class InUse(Conflict):
    """Something still depends on it."""

    code = "in_use"
    title = "This is still in use"
