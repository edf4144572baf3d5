"""The one door to the agent: what the HTTP API, the page and the commands all go through, one service for each noun.

Nothing in this room decides what was printed; that is `proof.py`. Nothing in it writes but through the ledger and the
catalogue.
"""

from __future__ import annotations

from edge_agent.service.approvals import ApprovalService
from edge_agent.service.backups import BackupService
from edge_agent.service.cartons import CartonService
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.copies import CopiesService
from edge_agent.service.find import FindService
from edge_agent.service.fitting import FittingService
from edge_agent.service.goods import GoodsService
from edge_agent.service.intake import IntakeService
from edge_agent.service.jobs import JobService
from edge_agent.service.label_tables import LabelTables
from edge_agent.service.labels import LabelService
from edge_agent.service.names import NameService
from edge_agent.service.parts import AgentParts
from edge_agent.service.people import PeopleService
from edge_agent.service.previews import PreviewService
from edge_agent.service.printers import PrinterService
from edge_agent.service.reports import ReportService
from edge_agent.service.scans import ScanService
from edge_agent.service.signed_rules import SignedRules
from edge_agent.service.site import SiteService
from edge_agent.service.work_orders import WorkOrderService


class AgentService:
    """What an operator, a scanner, IT or a script may ask of the agent."""

    def __init__(self, parts: AgentParts) -> None:
        self.parts = parts
        self.catalogue = CatalogueService(parts)
        self.jobs = JobService(parts, self.catalogue)
        self.labels = LabelService(parts)
        self.find = FindService(parts)
        self.scans = ScanService(parts, self.catalogue)
        self.copies = CopiesService(parts, self.catalogue)
        self.cartons = CartonService(parts, self.labels)
        self.goods = GoodsService(parts)
        self.fitting = FittingService(parts, self.catalogue)
        self.previews = PreviewService(parts)
        self.people = PeopleService(parts)
        self.printers = PrinterService(parts)
        self.names = NameService(self.people, self.printers)
        self.reports = ReportService(parts, self.names)
        self.label_tables = LabelTables(self.find, self.names)
        self.site = SiteService(parts)
        self.backups = BackupService(parts)
        self.approvals = ApprovalService(parts)
        self.work_orders = WorkOrderService(parts, self.jobs)
        self.intake = IntakeService(parts, self.catalogue)
        self.rules = SignedRules(parts, self.work_orders, self.intake)
