"""The programs of the last release, out of its wheel (`release/README.md`), by our interpreter and our dependencies."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.made_before.kit import HERE

WHEEL = HERE / "release" / "edge_agent-0.1.0-py3-none-any.whl"
_READY_S, _END_S = 60.0, 30.0


class LastRelease:
    """Unpacked into `folder`; its programs find themselves there before anything of ours."""

    def __init__(self, folder: Path) -> None:
        with zipfile.ZipFile(WHEEL) as wheel:
            wheel.extractall(folder)
        self._folder = folder

    async def done(self, program: str, *words: object) -> str:
        """A command that does what it is told; what it prints."""
        async with self.running(program, *words) as process:
            out, said = await asyncio.wait_for(process.communicate(), _READY_S)
        assert process.returncode == 0, (program, words, said.decode(errors="replace"))
        return out.decode()

    @asynccontextmanager
    async def serving(self, program: str, *words: object) -> AsyncIterator[list[str]]:
        """A program that stays, once it has said its address; all that it said until then, line by line."""
        async with self.running(program, *words) as process:
            said: list[str] = []
            assert process.stdout is not None
            async with asyncio.timeout(_READY_S):
                while not said or "http://" not in said[-1]:
                    line = await process.stdout.readline()
                    assert line, said
                    said.append(line.decode().strip())
            yield said

    @asynccontextmanager
    async def running(self, program: str, *words: object) -> AsyncIterator[asyncio.subprocess.Process]:
        """It, asked to stop when the block ends. `run` of the agent says its address on stderr."""
        env = {**os.environ, "PYTHONPATH": str(self._folder), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", program, *map(str, words)]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=self._folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.communicate(), _END_S)
