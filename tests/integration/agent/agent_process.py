"""An agent with the fake driver as a process of its own, to be killed. argv: data directory, hub address, token."""

import asyncio
import sys
from pathlib import Path

from tests.integration.agent.fakes import settings
from waypost.integration.agent.app import run_agent
from waypost.kit.crypto import Secret

given = settings(Path(sys.argv[1]), sys.argv[2], [], token=Secret(sys.argv[3]), log_rotate_bytes=20_000)
asyncio.run(run_agent(given))
