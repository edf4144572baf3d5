"""A printer on a real port, for those who have none: buffer, head, odometer, paper tape and faults."""

from edge_agent.virtual_printer.faults import FAULT_HELP
from edge_agent.virtual_printer.options import VirtualPrinterOptions
from edge_agent.virtual_printer.printer import VirtualPrinter, run_virtual_printer

__all__ = ["FAULT_HELP", "VirtualPrinter", "VirtualPrinterOptions", "run_virtual_printer"]
