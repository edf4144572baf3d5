"""The house as rows: which room may import which, and which are pure. `tests/test_architecture.py` holds it.

A room is a file or a folder; the longest that fits a file is its room. Everybody may import `COMMON`; a row names what
else, by room and never by a whole package, so that each new arrow in the house is a decision. `!` in a row: pure,
values in and values out, no clock, no file, no socket. Reasons stand beside what docs/architecture.md would not expect.
"""

from __future__ import annotations

from collections.abc import Mapping

PACKAGES = ("label_protocol", "garment", "edge_agent", "central_registry")
"""Each may import those before it; the registry none of the agent."""

COMMON: Mapping[str, tuple[str, ...]] = {
    "label_protocol": ("label_protocol.errors",),
    "garment": ("label_protocol.errors",),
    "edge_agent": (
        "label_protocol.errors",
        "label_protocol.details",
        "label_protocol.kinds",
        "label_protocol.states",
        "edge_agent.errors",
        "edge_agent.clock",
        "edge_agent.model",
    ),
    "central_registry": ("label_protocol.errors",),
}
"""What every room of a package may import: errors, and values without I/O."""

PURE_COMMON = (
    "label_protocol.errors",
    "label_protocol.details",
    "label_protocol.kinds",
    "label_protocol.states",
    "edge_agent.errors",
    "edge_agent.model",
)
"""What a pure room may import of it: the clock is an argument there."""

_PROTOCOL: Mapping[str, tuple[str, ...]] = {
    "label_protocol/__init__.py": (),
    "label_protocol/errors.py": ("!",),
    "label_protocol/plain.py": ("!",),
    "label_protocol/chain.py": ("!",),
    "label_protocol/details.py": ("!",),
    "label_protocol/events": ("!", "label_protocol.details", "label_protocol.kinds"),
    "label_protocol/kinds.py": ("!",),
    "label_protocol/states.py": ("!",),
    "label_protocol/codes": ("!",),
    "label_protocol/wire.py": ("!", "label_protocol.events"),
    "label_protocol/answers.py": ("!", "label_protocol.codes", "label_protocol.wire"),
    "label_protocol/http_limits.py": (),
    "label_protocol/logs.py": (),
}

_GARMENT: Mapping[str, tuple[str, ...]] = {
    "garment/__init__.py": (),
    "garment/finding.py": ("!",),
    "garment/strict_json.py": ("!",),
    "garment/record.py": ("!", "garment.strict_json", "label_protocol.plain"),
    "garment/schemes.py": ("!",),
    "garment/facts.py": ("!", "garment.schemes", "label_protocol.plain"),
    "garment/composition.py": ("!", "garment.record", "label_protocol.plain"),
    "garment/standards": (
        "!",
        "garment.composition",
        "garment.facts",
        "garment.finding",
        "garment.record",
        "garment.schemes",
        "label_protocol.codes",
        "label_protocol.plain",
    ),
}

_VALUES: Mapping[str, tuple[str, ...]] = {
    "edge_agent/__init__.py": (),
    "edge_agent/__main__.py": ("edge_agent.cli",),
    "edge_agent/errors.py": ("!",),
    "edge_agent/clock.py": (),
    "edge_agent/files.py": (),
    "edge_agent/change_signal.py": (),
    "edge_agent/config.py": (),
    "edge_agent/model": ("!", "label_protocol.plain"),
    "edge_agent/messages": ("!",),
}

_LABELS: Mapping[str, tuple[str, ...]] = {
    # type knows no template, templates know no painter, painters and patches know nothing of each other
    "edge_agent/render": ("label_protocol.codes",),
    "edge_agent/render/raster.py": ("!",),
    "edge_agent/render/paths.py": ("!", "garment.facts"),
    "edge_agent/render/facts.py": ("!", "edge_agent.render.paths", "garment.facts", "garment.schemes"),
    "edge_agent/render/box.py": ("!",),
    # who lays out knows boxes and numbers: neither what a template is, nor what a character looks like
    "edge_agent/render/layout": ("!", "edge_agent.render.box"),
    "edge_agent/render/type": ("edge_agent.render.box", "edge_agent.render.raster"),
    "edge_agent/render/templates": ("edge_agent.files", "edge_agent.render.facts", "edge_agent.render.type"),
    # who upgrades a template reads it, and draws nothing
    "edge_agent/render/upgrade": ("edge_agent.render.facts", "edge_agent.render.templates"),
    "edge_agent/render/upgrade/cuts.py": ("!",),
    "edge_agent/render/page.py": ("edge_agent.render.facts", "edge_agent.render.raster", "edge_agent.render.type"),
    "edge_agent/render/painters": (
        "edge_agent.render.box",
        "edge_agent.render.facts",
        "edge_agent.render.layout.share",
        "edge_agent.render.layout.tree",
        "edge_agent.render.page",
        "edge_agent.render.raster",
        "edge_agent.render.templates.slots",
        "edge_agent.render.templates.stacked",
        "edge_agent.render.type",
        # a carton's number, which bars hold; garments have none
        "label_protocol.codes.sscc",
    ),
    "edge_agent/render/patches": (
        "edge_agent.render.raster",
        "edge_agent.render.templates.slots",
        "edge_agent.render.templates.stacked",
        "edge_agent.render.type",
        "label_protocol.codes",
    ),
    "edge_agent/render/order_sheet": (
        "edge_agent.render.facts",
        "edge_agent.render.page",
        "edge_agent.render.painters",
        "edge_agent.render.raster",
        "edge_agent.render.templates",
        "edge_agent.render.type",
    ),
    "edge_agent/quality": ("!", "edge_agent.render"),
    "edge_agent/labels": (
        "edge_agent.files",
        "edge_agent.render",
        "garment.finding",
        "garment.record",
        "garment.standards",
        "garment.strict_json",
        "label_protocol.codes",
    ),
    # `files`: its file is replaced whole or not at all, by the same functions as the agent's others
    "edge_agent/catalog": ("edge_agent.files", "garment.record", "garment.strict_json"),
    # bytes in, documents out
    "edge_agent/catalog/sheets": (
        "!",
        "edge_agent.catalog.documents",
        "garment.composition",
        "garment.facts",
        "garment.record",
        "garment.schemes",
        "garment.strict_json",
        "label_protocol.codes",
        "label_protocol.plain",
    ),
}

_PRINTERS: Mapping[str, tuple[str, ...]] = {
    "edge_agent/printers/__init__.py": (),
    "edge_agent/printers/languages": ("!",),
    "edge_agent/printers/transports": (),
    "edge_agent/printers/status.py": ("!",),
    "edge_agent/printers/ports.py": (),
    "edge_agent/printers/echo.py": ("!",),
    "edge_agent/printers/reading.py": ("!", "edge_agent.printers.languages.contract"),
    "edge_agent/printers/profiles.py": ("edge_agent.printers.languages.contract",),
    "edge_agent/printers/link.py": (
        "edge_agent.printers.echo",
        "edge_agent.printers.languages.contract",
        "edge_agent.printers.reading",
        "edge_agent.printers.status",
        "edge_agent.printers.transports.contract",
    ),
    "edge_agent/printers/discovery.py": (
        "edge_agent.printers.languages",
        "edge_agent.printers.link",
        "edge_agent.printers.ports",
        "edge_agent.printers.profiles",
        "edge_agent.printers.transports",
    ),
    "edge_agent/virtual_printer": ("edge_agent.printers.languages.graphics",),
}

_BOOKS: Mapping[str, tuple[str, ...]] = {
    "edge_agent/ledger": (
        "edge_agent.files",
        "edge_agent.messages",
        "label_protocol.answers",
        "label_protocol.chain",
        "label_protocol.codes.sscc",
        "label_protocol.events",
    ),
    # who an agent is stands in its ledger's first lines; the credentials file only holds the secret to it
    "edge_agent/identity": (
        "edge_agent.files",
        "edge_agent.ledger.values",
        "label_protocol.answers",
        "label_protocol.codes",
        "label_protocol.wire",
    ),
    # operators stand in the catalogue until there is log-in
    "edge_agent/access": ("edge_agent.catalog", "edge_agent.messages"),
    "edge_agent/sync": (
        "edge_agent.identity",
        "edge_agent.ledger",
        "edge_agent.messages",
        "label_protocol.answers",
        "label_protocol.chain",
        "label_protocol.codes",
        "label_protocol.wire",
    ),
}

_PRINTING: Mapping[str, tuple[str, ...]] = {
    # `labels` only in fleet, which gives each worker what it renders with; `change_signal` wakes a worker that idles
    "edge_agent/printing": (
        "edge_agent.change_signal",
        "edge_agent.ledger",
        "edge_agent.messages",
        "edge_agent.printers",
    ),
    "edge_agent/printing/proof.py": ("!",),
    "edge_agent/printing/preflight.py": ("!", "edge_agent.messages"),
    "edge_agent/printing/watchdog.py": ("!",),
    "edge_agent/printing/imposition.py": ("!",),
    "edge_agent/printing/printer_groups.py": ("!",),
    "edge_agent/printing/from_config.py": (
        "edge_agent.config",
        "edge_agent.printers",
        "edge_agent.printing.printer_session",
        "edge_agent.printing.window_printer",
    ),
    "edge_agent/printing/fleet.py": (
        "edge_agent.change_signal",
        "edge_agent.config",
        "edge_agent.labels.from_snapshot",
        "edge_agent.ledger",
        "edge_agent.messages",
        "edge_agent.printing.copy_worker",
        "edge_agent.printing.directory",
        "edge_agent.printing.from_config",
        "edge_agent.printing.imposition",
        "edge_agent.printing.preflight",
        "edge_agent.printing.printer_groups",
        "edge_agent.printing.window_printer",
        "edge_agent.printing.worker",
        # the test label's picture, what artwork is, and how many dots a millimetre of this printer's roll has
        "edge_agent.render.painters.mark",
        "edge_agent.render.raster",
        "edge_agent.render.test_pattern",
        # the value that gives a label its check code; where its keys come from is an argument
        "label_protocol.codes.check_code",
    ),
}

_DOORS: Mapping[str, tuple[str, ...]] = {
    "edge_agent/wiring.py": (
        "edge_agent.access.exposure",
        "edge_agent.config",
        "edge_agent.identity",
        "edge_agent.labels",
        "edge_agent.ledger",
        "garment.standards",
        "label_protocol.codes",
    ),
    "edge_agent/service": (
        "edge_agent.access",
        "edge_agent.catalog",
        "edge_agent.change_signal",
        "edge_agent.files",
        "edge_agent.identity",
        "edge_agent.labels",
        "edge_agent.ledger",
        "edge_agent.messages",
        "edge_agent.printing.directory",
        "edge_agent.render.plan",
        "edge_agent.render.raster",
        "edge_agent.render.templates",
        "edge_agent.sync.pump",
        "garment.record",
        "garment.strict_json",
        "label_protocol.codes",
    ),
    # asks the service and nobody behind it; of `access` what a network reaches, which is the web's own affair
    "edge_agent/web": (
        "edge_agent.__version__",
        "edge_agent.access.exposure",
        "edge_agent.messages",
        "edge_agent.service",
        "garment.record",
        "garment.strict_json",
        "label_protocol.http_limits",
    ),
}

_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "edge_agent/ops": (
        "edge_agent.access.exposure",
        "edge_agent.config",
        "edge_agent.files",
        "edge_agent.identity",
        "edge_agent.messages",
        "edge_agent.printers.link",
        "edge_agent.printers.ports",
        "edge_agent.printers.transports.serial_url",
        "edge_agent.printing.from_config",
        "edge_agent.render.templates.library",
        "edge_agent.render.type.fonts",
        "edge_agent.wiring",
    ),
    "edge_agent/app.py": (
        "edge_agent.__version__",
        "edge_agent.catalog",
        "edge_agent.change_signal",
        "edge_agent.config",
        "edge_agent.identity",
        "edge_agent.ledger",
        "edge_agent.printing.fleet",
        "edge_agent.printing.worker",
        "edge_agent.render.templates.library",
        "edge_agent.service",
        "edge_agent.sync",
        "edge_agent.web.api",
        "edge_agent.wiring",
        "label_protocol.http_limits",
    ),
    "edge_agent/cli": (
        "edge_agent.access",
        "edge_agent.app",
        "edge_agent.catalog",
        "edge_agent.config",
        "edge_agent.demo",
        "edge_agent.files",
        "edge_agent.identity",
        "edge_agent.labels",
        "edge_agent.ledger",
        "edge_agent.messages",
        "edge_agent.ops",
        "edge_agent.printers",
        "edge_agent.printing.from_config",
        "edge_agent.quality",
        "edge_agent.render",
        "edge_agent.sync.http_client",
        "edge_agent.virtual_printer",
        "edge_agent.wiring",
        "garment.finding",
        "garment.record",
        "label_protocol.codes",
        "label_protocol.logs",
    ),
    # the whole product on one machine, so both programs; the one room of the agent that knows the registry
    "edge_agent/demo": (
        "central_registry.agents.enrolment",
        "central_registry.app",
        "central_registry.db",
        "central_registry.embedded",
        "central_registry.goods.lot_import",
        "central_registry.issuing",
        "edge_agent.app",
        "edge_agent.config",
        "edge_agent.identity",
        "edge_agent.ledger",
        "edge_agent.service.agent_service",
        "edge_agent.sync.http_client",
        "edge_agent.virtual_printer",
        "edge_agent.wiring",
        "garment.record",
        "label_protocol.codes",
        "label_protocol.http_limits",
    ),
}

_REGISTRY: Mapping[str, tuple[str, ...]] = {
    "central_registry/__init__.py": (),
    "central_registry/__main__.py": ("central_registry.cli",),
    "central_registry/config.py": (),
    "central_registry/problems.py": ("label_protocol.wire",),
    "central_registry/db.py": (),
    "central_registry/embedded.py": (),
    "central_registry/alarms.py": ("central_registry.db",),
    "central_registry/agents": (
        "central_registry.alarms",
        "central_registry.db",
        "central_registry.problems",
        "label_protocol.chain",
        "label_protocol.codes",
        "label_protocol.events",
        "label_protocol.wire",
    ),
    "central_registry/distribution": (
        "central_registry.agents.enrolment",
        "central_registry.agents.epoch",
        "central_registry.agents.seal",
        "central_registry.db",
        "label_protocol.codes",
        "label_protocol.events",
        "label_protocol.kinds",
    ),
    "central_registry/goods": (
        "central_registry.db",
        "central_registry.distribution.items",
        "central_registry.problems",
        "label_protocol.codes",
    ),
    "central_registry/goods/differences.py": ("!", "label_protocol.plain"),
    "central_registry/goods/quota_keys.py": ("!", "central_registry.problems"),
    # issuing asks what goods there are; goods never ask who may issue
    "central_registry/issuing": (
        "central_registry.agents.enrolment",
        "central_registry.agents.epoch",
        "central_registry.db",
        "central_registry.distribution.items",
        "central_registry.goods",
        "central_registry.problems",
        "label_protocol.answers",
    ),
    "central_registry/ingest": (
        "central_registry.agents",
        "central_registry.alarms",
        "central_registry.db",
        "central_registry.distribution",
        "central_registry.problems",
        "garment.facts",
        "garment.schemes",
        "label_protocol.chain",
        "label_protocol.events",
        "label_protocol.plain",
        "label_protocol.states",
        "label_protocol.wire",
    ),
    "central_registry/oversight": (
        "central_registry.agents.epoch",
        "central_registry.alarms",
        "central_registry.db",
        "central_registry.distribution.items",
        "central_registry.goods",
        "central_registry.ingest.states",
        "central_registry.problems",
    ),
    "central_registry/consumer": (
        "central_registry.alarms",
        "central_registry.db",
        "central_registry.distribution",
        "central_registry.goods.quota_keys",
        "central_registry.ingest.compare",
        "central_registry.ingest.states",
        "central_registry.ingest.verdict",
        "garment.facts",
        "garment.schemes",
        "label_protocol.codes",
    ),
    # the page and its JSON are made of a finding: neither asks the database
    "central_registry/consumer/scan_path.py": ("!", "label_protocol.codes"),
    "central_registry/consumer/scan_json.py": (
        "!",
        "central_registry.consumer.garment_facts",
        "central_registry.consumer.scan",
    ),
    "central_registry/consumer/scan_page.py": (
        "central_registry.config",
        "central_registry.consumer.garment_facts",
        "central_registry.consumer.scan",
        "central_registry.consumer.scan_json",
        "label_protocol.codes",
    ),
    "central_registry/http/__init__.py": (),
    "central_registry/http/context.py": (
        "central_registry.config",
        "central_registry.consumer.scan_page",
        "central_registry.db",
        "central_registry.ingest.gate",
    ),
    "central_registry/http/bodies.py": (
        "central_registry.problems",
        "label_protocol.http_limits",
        "label_protocol.wire",
    ),
    "central_registry/http/refusals.py": (
        "central_registry.http.bodies",
        "central_registry.problems",
        "label_protocol.http_limits",
        "label_protocol.wire",
    ),
    "central_registry/http/health.py": (
        "central_registry.db",
        "central_registry.http.bodies",
        "central_registry.http.context",
    ),
    "central_registry/http/agents.py": (
        "central_registry.agents",
        "central_registry.db",
        "central_registry.distribution",
        "central_registry.http.bodies",
        "central_registry.http.context",
        "central_registry.ingest.batch",
        "central_registry.problems",
        "label_protocol.wire",
    ),
    "central_registry/http/consumer.py": (
        "central_registry.consumer",
        "central_registry.http.bodies",
        "central_registry.http.context",
    ),
    "central_registry/app.py": (
        "central_registry.config",
        "central_registry.consumer.scan_page",
        "central_registry.db",
        "central_registry.http",
        "label_protocol.wire",
    ),
    "central_registry/cli": (
        "central_registry.agents",
        "central_registry.app",
        "central_registry.config",
        "central_registry.db",
        "central_registry.distribution",
        "central_registry.embedded",
        "central_registry.goods",
        "central_registry.issuing",
        "central_registry.oversight",
        "central_registry.problems",
        "label_protocol.answers",
        "label_protocol.http_limits",
        "label_protocol.logs",
    ),
}

RULES: Mapping[str, tuple[str, ...]] = {
    **_PROTOCOL,
    **_GARMENT,
    **_VALUES,
    **_LABELS,
    **_PRINTERS,
    **_BOOKS,
    **_PRINTING,
    **_DOORS,
    **_PROGRAMS,
    **_REGISTRY,
}
