"""What was answered so far, page by page: taken from forms, checked, and made into what the command would want.

It holds secrets, so it lives in memory alone and ends with the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from edge_agent.access.pins import require_good
from edge_agent.config import AgentConfig, config_from
from edge_agent.ops.setup.answers import Answers, Printer, places
from edge_agent.ops.setup.run import Wanted, with_own_registry
from edge_agent.ops.setup.steps import Secret
from edge_agent.printers.discovery import Found
from edge_agent.printers.profiles import shipped_profiles
from label_protocol.errors import InputError

Form = Mapping[str, str]
Flaws = dict[str, str]
"""Name of a field → what is wrong with it, Chinese first."""

LATER, ASSOCIATION, HERE = "later", "association", "here"

_NONE = Printer("", "zpl-unknown", "")


@dataclass(slots=True)
class Draft:
    """`now` is the configuration that is there, or the defaults; `fresh`: there is none yet."""

    path: Path
    now: AgentConfig
    fresh: bool
    can_serve: bool
    data: str
    site: str = ""
    network: str = ""
    found: list[Found] = field(default_factory=list)
    printers: list[Printer] = field(default_factory=list)
    hand: Printer = _NONE
    which: str = LATER
    url: str = ""
    token: str = field(default="", repr=False)
    lead: str = ""
    pin: str = field(default="", repr=False)
    service: bool = False
    test: bool = True
    others: bool = False

    def take_factory(self, form: Form) -> Flaws:
        """The first page."""
        self.site, self.data = form.get("site", "").strip(), form.get("data", self.data).strip()
        flaws = {} if 1 <= len(self.site) <= 100 else {"site": "请写 1 到 100 个字 · expected 1 to 100 characters"}
        if self.fresh and not Path(self.data).is_absolute():
            flaws["data"] = "请写完整的路径，从根写起 · expected a whole path, from its root"
        return flaws

    def take_printers(self, form: Form) -> Flaws:
        """Those that are ticked, and one that was given by hand."""
        ticked = [(n, one) for n, one in enumerate(self.found) if form.get(f"use-{n}")]
        self.printers = [
            Printer(one.url, form.get(f"profile-{n}", ""), form.get(f"name-{n}", "").strip() or one.url)
            for n, one in ticked
        ]
        self.hand = Printer(
            form.get("hand-url", "").strip(), form.get("hand-profile", ""), form.get("hand-name", "").strip()
        )
        flaws = {} if all(one.profile in shipped_profiles() for one in [*self.printers, self.hand]) else {
            "hand-url": "型号不在表里 · a profile that is not in the list"
        }  # fmt: skip
        if self.hand.url and not (":" in self.hand.url and " " not in self.hand.url):
            flaws["hand-url"] = (
                "地址写成 tcp://192.168.1.50:9100 这样 · expected an address like tcp://192.168.1.50:9100"
            )
        elif self.hand.url in {*(one.url for one in self.printers), *(one.url for one in self.now.printers)}:
            flaws["hand-url"] = "这个地址已经有了 · this address is there already"
        return flaws

    def take_registry(self, form: Form) -> Flaws:
        """None yet, an association's, or one on this PC."""
        self.which, self.url = form.get("which", LATER), form.get("url", "").strip()
        self.token = form.get("token", "").strip() or self.token
        if self.which != ASSOCIATION:
            return {}
        parts = urlsplit(self.url)
        flaws = {}
        if parts.scheme not in ("http", "https") or not parts.hostname:
            flaws["url"] = (
                "地址写成 https://registry.example.cn 这样 · expected https://registry.example.cn or the like"
            )
        if not self.token or len(self.token.split()) != 1:
            flaws |= {"token": "请把平台给的一次性口令贴进来 · expected the registry's one-time token"}
        return flaws

    def take_people(self, form: Form) -> Flaws:
        """The first lead, and what is done at the end."""
        self.lead, self.pin = form.get("lead", "").strip(), form.get("pin", "").strip() or self.pin
        self.service, self.test = self.can_serve and bool(form.get("service")), bool(form.get("test"))
        self.others = bool(form.get("others"))
        if not self.lead:
            return {}
        try:
            require_good(self.pin, self.now.people.pin_digits_min)
        except InputError as cause:
            return {"pin": str(cause)}
        return {}

    @property
    def asks_lead(self) -> bool:
        """Nobody is asked for at a site that has people."""
        settings = config_from(places(Path(self.data)), self.path) if self.fresh else self.now
        return not settings.people_path.exists()

    @property
    def chosen(self) -> Sequence[Printer]:
        """All printers that were chosen."""
        by_hand = [Printer(self.hand.url, self.hand.profile, self.hand.name or self.hand.url)] if self.hand.url else []
        return [*self.printers, *by_hand]

    def wanted(self) -> Wanted:
        """As the command has it. Raises ConfigError: a registry here is wanted, and its PostgreSQL is not installed."""
        url = self.url if self.which == ASSOCIATION else None
        answers = Answers(self.site, Path(self.data) if self.fresh else None, url, self.chosen, others=self.others)
        lead = self.lead if self.asks_lead else ""
        return Wanted(
            answers=with_own_registry(answers) if self.which == HERE else answers,
            registry_here=self.which == HERE,
            token=Secret(self.token) if self.which == ASSOCIATION else None,
            lead=lead or None,
            pin=Secret(self.pin) if lead else None,
            service=self.service,
            test=self.test and bool(self.chosen or self.now.printers),
        )
