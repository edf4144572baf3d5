"""What all commands share: reading files, printing results, and talking to the running agent."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import aiohttp
import typer

from edge_agent.access import local_token
from edge_agent.config import AgentConfig, load_config
from edge_agent.errors import LedgerBusyError, NotFoundError, reason_of
from edge_agent.labels.approval import RULES, Approved, InForce, in_force
from edge_agent.labels.prepare import Prepared, prepare
from edge_agent.labels.smallest import prepare_label
from edge_agent.ledger import Ledger
from edge_agent.messages.error import sentence
from edge_agent.model.review import ApprovalMode
from edge_agent.ops.service.owner import act_as_owner
from edge_agent.wiring import bytes_of_overrides, label_terms, open_ledger, page_of
from garment.record import GarmentRecord, parse_record
from label_protocol.errors import ConflictError, InputError, RecordError
from label_protocol.kinds import ReviewKind

T = TypeVar("T")

USUAL_RESOLUTIONS = (203, 300)
"""Dots per inch of the printers there are. A label that fits at one may not fit at the other: dots are whole."""

TEMPLATE_HELP = "模板名、路径，或 auto（放得下的最小标签）· built-in name, path, or auto: the smallest that fits"

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="配置文件 · configuration (TOML); default: the user's own", metavar="F")
]
JsonOption = Annotated[bool, typer.Option("--json", help="机器可读 · machine-readable output on stdout")]
OperatorOption = Annotated[str, typer.Option("--operator", help="操作员 · who decides", metavar="O")]
LogInOption = Annotated[
    bool,
    typer.Option("--log-in", help="扫工牌、输 PIN，以本人身份做 · asks for badge and PIN, acts as that person"),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="原因 · why", metavar="R")]


def badge_and_pin() -> tuple[str, str]:
    """Scanned and typed, neither shown; two lines of standard input where nobody sits at a terminal."""
    if sys.stdin.isatty():
        return (
            typer.prompt("请扫工牌 scan the badge", hide_input=True),
            typer.prompt("PIN", hide_input=True, default="", show_default=False),
        )
    return sys.stdin.readline().strip(), sys.stdin.readline().strip()


def configuration(path: Path | None) -> AgentConfig:
    """The configuration file named, the user's own, or this machine's. Root goes on as the one whose data it names."""
    config = load_config(path)
    if (name := act_as_owner(config.data.ledger_path.parent)) is not None:
        typer.echo(f"edge-agent: 以 {name} 的身份执行，数据是它的 · acting as {name}, whose data these are", err=True)
    return config


def read_record(path: Path) -> GarmentRecord:
    """A garment record from a file. Raises RecordError: it cannot be read, or is none."""
    return parse_record(_record_bytes(path))


def record_to_send(path: Path) -> Any:
    """The same record as a file has it, for the running agent, numbers as they are written. What is none is refused
    here already, before the agent is asked. Raises as `read_record`."""
    data = _record_bytes(path)
    parse_record(data)
    return json.loads(data.decode("utf-8-sig"), parse_float=str)


def _record_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise RecordError(
            f"{path}: expected a readable garment record, got {cause.strerror}; check the path"
        ) from cause


def prepared_for(
    config: AgentConfig, data: Path, template: str | None, resolutions: Sequence[int] = USUAL_RESOLUTIONS
) -> Prepared:
    """A record from a file, asked today, by the rules as this site's file has them, approved or not: who changes them
    tries them so. `auto` is the smallest label that takes it at these resolutions (dots per inch). Raises ConfigError
    beside `prepare`'s."""
    todays = label_terms(config)  # a wrong configuration is told before a wrong record
    record, terms = read_record(data), replace(todays(), in_force=approved_now(config))
    return prepare_label(record, template, terms, resolutions) if template else prepare(record, None, terms)


def require_approved_rules(config: AgentConfig, what: str) -> None:
    """What leaves the house is made by rules that were approved; a draft of them is tried with check and preview.
    Raises ConflictError; as `approved_now`."""
    path, now = config.rules.override_path, approved_now(config)
    if now is None or path is None:
        return
    if now.overrides is None or hashlib.sha256(bytes_of_overrides(path)).hexdigest() != now.overrides.sha256:
        raise ConflictError(
            f"{path.name} 还是草稿，不能用：请班长批准 · {what}: expected rule overrides that a lead approved, got a "
            "draft; approve them with: edge-agent rules approve --log-in"
        )


def approved_now(config: AgentConfig) -> InForce | None:
    """What leads approved; None: nobody has to. Of the ledger's file, or of the running agent that has it. Raises
    NotFoundError: it has it and does not answer."""
    mode = config.labels.approval
    if mode is ApprovalMode.OFF:
        return None
    if not config.data.ledger_path.exists():
        return InForce()
    try:
        with the_ledger(config) as ledger:
            return in_force(ledger.reviews(), mode)
    except LedgerBusyError:
        forms = [one for one in Api(config).call("GET", "/approvals")["forms"] if one["in_force"]]
        found = {(one["kind"], one["name"]): Approved(one["in_force"]["sha256"], ()) for one in forms}
        templates = {name: one for (kind, name), one in found.items() if kind == ReviewKind.TEMPLATE}
        return InForce(templates, found.get((ReviewKind.OVERRIDES, RULES)))


@contextlib.contextmanager
def the_ledger(config: AgentConfig, *, create: bool = False) -> Iterator[Ledger]:
    """The ledger's file, while no agent has it. Raises LedgerBusyError otherwise."""
    with contextlib.closing(open_ledger(config, create=create)) as ledger:
        yield ledger


def show(value: Any, *, as_json: bool, text: str) -> None:
    """Print a result once: JSON for machines, text for people."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str) if as_json else text)


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine to its end."""
    return asyncio.run(work)


class Api:
    """The running agent's HTTP API, as seen from a command."""

    def __init__(self, config: AgentConfig) -> None:
        page = page_of(config)
        self.base, self._how = f"{page.url}/api/v1", page.how
        token = local_token.read(config.local_token_path)
        self._shown = {"Authorization": f"Bearer {token}"} if token else {}

    def log_in(self) -> Self:
        """Whoever scans a badge now acts; the session ends by itself."""
        badge, pin = badge_and_pin()
        cookie = wait_for(self._session({"badge": badge, "pin": pin or None}))
        self._shown = {"Cookie": cookie}
        return self

    async def _session(self, body: Any) -> str:
        try:
            async with (
                aiohttp.ClientSession(trust_env=False) as session,
                session.post(f"{self.base}/session", json=body, **self._how) as answer,
            ):
                if answer.status >= 400:
                    raise _refusal(answer.status, await answer.json(content_type=None))
                return "; ".join(f"{one.key}={one.value}" for one in answer.cookies.values())
        except (aiohttp.ClientError, TimeoutError, ValueError) as cause:
            raise not_running(self.base, cause) from cause

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """One request; a problem document becomes the matching error."""
        return wait_for(self._call(method, path, body, headers))

    def send(self, path: str, data: bytes, media_type: str) -> Any:
        """One POST of a file as it is; a problem document becomes the matching error."""
        return wait_for(self._call("POST", path, None, {"Content-Type": media_type}, data))

    def read(self, path: str) -> bytes:
        """What a GET gives, byte for byte; a problem document becomes the matching error."""
        return wait_for(self._read(path))

    async def _read(self, path: str) -> bytes:
        try:
            async with (
                aiohttp.ClientSession(trust_env=False) as session,
                session.get(self.base + path, headers=self._shown) as answer,
            ):
                if answer.status >= 400:
                    raise _refusal(answer.status, await answer.json(content_type=None))
                return await answer.read()
        except (aiohttp.ClientError, TimeoutError, ValueError) as cause:
            raise not_running(self.base, cause) from cause

    def fetch(self, path: str, into: Path) -> None:
        """What a POST gives, byte for byte, into a file that is there."""
        wait_for(self._fetch(path, into))

    async def _fetch(self, path: str, into: Path) -> None:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=600)  # a large copy is made first
        try:
            async with (
                aiohttp.ClientSession(trust_env=False, timeout=limits) as session,
                session.post(self.base + path, headers=self._shown, **self._how) as answer,
            ):
                if answer.status >= 400:
                    raise _refusal(answer.status, await answer.json(content_type=None))
                with into.open("r+b") as file:
                    async for piece in answer.content.iter_chunked(1 << 18):
                        file.write(piece)
        except (aiohttp.ClientError, TimeoutError, ValueError) as cause:
            raise not_running(self.base, cause) from cause

    async def _call(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None, data: bytes | None = None
    ) -> Any:
        sent: dict[str, Any] = {**self._how, **({"json": body} if data is None else {"data": data})}
        try:
            async with (
                aiohttp.ClientSession(trust_env=False) as session,
                session.request(method, self.base + path, headers=self._shown | dict(headers or {}), **sent) as answer,
            ):
                payload = await answer.json(content_type=None)
                if answer.status >= 400:
                    raise _refusal(answer.status, payload)
                return payload
        except (aiohttp.ClientError, TimeoutError, ValueError) as cause:
            raise not_running(self.base, cause) from cause


def not_running(base: str, cause: Exception) -> NotFoundError:
    """The sentence for an agent that is not there; what does not speak as one is another program at its port."""
    if isinstance(cause, ValueError) and not isinstance(cause, aiohttp.ClientError):
        return NotFoundError(
            f"{base} 由别的程序占着，不是代理；请停掉它，或改 [web] port · agent at {base}: expected the agent, got an "
            f"answer of another program; stop that, or set another [web] port, then start: edge-agent run --config F"
        )
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        return NotFoundError(
            f"{base} 的证书不能信，请看 docs/tls.md 的“证书不能用” · agent at {base}: expected the certificate of this "
            f"agent, got one that does not hold ({reason_of(cause)}); renew it: docs/tls.md, section 6"
        )
    return NotFoundError(
        f"代理没有运行，请启动：edge-agent run --config F · "
        f"agent at {base}: expected it to run, got no answer ({reason_of(cause)}); "
        f"start it with: edge-agent run --config F"
    )


def _refusal(status: int, problem: Any) -> InputError:
    problem = problem if isinstance(problem, dict) else {"detail": problem}
    detail = sentence(problem.get("words_zh", ""), str(problem.get("detail") or problem.get("title")))
    kind = {404: NotFoundError, 409: ConflictError}.get(status, RecordError)
    return kind(detail)
