"""The steps after the configuration, and the agent that runs beside those that ask one."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import pytest

from edge_agent.ops.setup.run import Outcome, carry_out
from edge_agent.ops.setup.steps import Step

ASKS = Step("打测试签", "print a test label", ("printers", "test", "p1"), needs_agent=True)


class Agent:
    """An agent that says these lines on its standard error."""

    said = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.stderr = io.StringIO(self.said)

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_: object) -> None: ...

    def terminate(self) -> None: ...

    def communicate(self) -> None: ...


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('{"event": "agent_started"}\nedge-agent: expected 127.0.0.1:8631 to be free\n', "to be free\n"),
        ("edge-agent: 运行中 running, http://127.0.0.1:8631\n", ""),
    ],
    ids=["it did not start", "it runs"],
)
def test_why_no_agent_runs_beside_the_steps_is_told(
    said: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Agent, "said", said)
    monkeypatch.setattr(subprocess, "Popen", Agent)
    done = list(carry_out(Path("agent.toml"), [ASKS], service=False, do=lambda step: Outcome(step, bool(not told))))
    assert [one.step for one in done] == [ASKS]
    heard = capsys.readouterr().err
    assert heard.endswith(told) and bool(heard) is bool(told)
