"""What can go wrong with teams."""

from __future__ import annotations

from waypost.kit.errors import Conflict, NotFound


class TeamNotFound(NotFound):
    """No such team, or not the caller's to know of: the same words for both."""

    code = "team_not_found"
    title = "No such team"
    hint = "List the teams to see which there are; it may also be one that you do not belong to."


class SlugTaken(Conflict):
    """Another team, person or organisation has this slug."""

    code = "slug_taken"
    title = "This slug is taken"
    hint = "Choose another slug, or leave it out to get a free one."


class LastOwner(Conflict):
    """A team keeps at least one owner."""

    code = "last_owner"
    title = "This is the team's last owner"
    hint = "Make somebody else an owner of the team first."


class TeamOwnsThings(Conflict):
    """The team still owns APIs or apps."""

    code = "owns_things"
    title = "This team still owns APIs or apps"
    hint = "Delete them or give them to another team first."
