"""What a site did not set stands once, in `config.py` or in the room that means it; nobody below has an opinion."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from central_registry.issuing import allotments
from edge_agent.config import PrintingTable, WebTable
from edge_agent.ledger import Ledger
from edge_agent.ledger.quota import NO_ALLOTMENT
from edge_agent.model.job import WINDOW_LABELS
from edge_agent.printers.link import Link
from edge_agent.printers.transports import open_transport
from edge_agent.printing.copy_worker import Copier
from edge_agent.printing.printer_session import SessionSettings
from edge_agent.printing.watchdog import Limits
from edge_agent.printing.worker import WorkerSettings
from edge_agent.sync.pump import Pump, PumpSettings
from label_protocol.answers import SPOILAGE_PERMILLE
from label_protocol.http_limits import Limits as BoundsOfHttp


@pytest.mark.parametrize("below", [SessionSettings, WorkerSettings, Copier, Limits, Link, open_transport])
def test_who_is_given_a_wait_or_a_size_has_none_of_its_own(below: Callable[..., Any]) -> None:
    given = {*PrintingTable.model_fields, "level", "accepted", "setup", "silence_s", "stall_s"}
    takes = inspect.signature(below).parameters
    assert given & {*takes}, below
    assert [name for name in given & {*takes} if takes[name].default is not inspect.Parameter.empty] == []


def test_the_size_of_a_window_and_the_spoilage_are_the_same_value_everywhere() -> None:
    assert PrintingTable().window_labels is WINDOW_LABELS
    assert inspect.signature(Ledger.begin_window).parameters["limit"].default is WINDOW_LABELS
    assert NO_ALLOTMENT[1] is SPOILAGE_PERMILLE
    assert inspect.signature(allotments.allot).parameters["spoilage_permille"].default is SPOILAGE_PERMILLE
    assert allotments.SPOILAGE_PERMILLE is SPOILAGE_PERMILLE, "what the command shows"


def test_a_server_without_a_configuration_is_bounded_as_one_with_it() -> None:
    told, web = BoundsOfHttp(), WebTable()
    assert (told.connections_max, told.per_address_max) == (web.connections_max, web.connections_per_address_max)
    assert told.header_timeout_s == web.header_timeout_s


def test_how_often_the_registry_is_asked_is_said_by_the_configuration_alone() -> None:
    assert inspect.signature(PumpSettings).parameters["idle_s"].default is inspect.Parameter.empty
    assert inspect.signature(Pump).parameters["settings"].default is inspect.Parameter.empty
