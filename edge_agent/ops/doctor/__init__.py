"""Looks at everything the agent needs, one row each, and says what to do: for IT at two in the morning."""

from edge_agent.ops.doctor.examine import examine as examine
from edge_agent.ops.doctor.row import Row as Row
