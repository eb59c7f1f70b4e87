"""Where an API or a version may go from where it stands. Data, read by services and by consoles (``may``)."""

from __future__ import annotations

from collections.abc import Mapping

from waypost.application.catalog.errors import LifecycleRefused
from waypost.contracts.vocab import Lifecycle

TRANSITIONS: Mapping[Lifecycle, tuple[Lifecycle, ...]] = {
    Lifecycle.DRAFT: (Lifecycle.PUBLISHED,),
    Lifecycle.PUBLISHED: (Lifecycle.DEPRECATED,),
    Lifecycle.DEPRECATED: (Lifecycle.PUBLISHED, Lifecycle.RETIRED),
    Lifecycle.RETIRED: (),
}


def check_step(current: str, wanted: Lifecycle) -> None:
    """Raise :class:`LifecycleRefused` unless ``wanted`` follows on ``current``; standing still is fine."""
    steps = TRANSITIONS[Lifecycle(current)]
    if wanted == current or wanted in steps:
        return
    ways = " or ".join(steps) or "nothing; make a new version"
    raise LifecycleRefused(f"From {current} there is no step to {wanted}.", hint=f"From here it may become {ways}.")
