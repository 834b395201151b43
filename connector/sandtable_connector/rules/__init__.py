"""Rules and alerts: what Kibana does between an alert and a connector.

A rule file says what is to be done about which alerts; a stream of Kibana alert documents says what happened.
`RuleRunner` turns the two into calls of connectors, with every parameter rendered.
"""

from __future__ import annotations

from ..templates import render, render_params
from .alert import Alert, parse_alert, read_alerts
from .calls import ActionCall, CheckOutcome, Silent, by_check
from .lifecycle import RuleState
from .reading import parse_rules, read_rules
from .rule_file import Action, Rule, RuleFile
from .runner import RuleRunner

__all__ = [
    "Action",
    "ActionCall",
    "Alert",
    "CheckOutcome",
    "Rule",
    "RuleFile",
    "RuleRunner",
    "RuleState",
    "Silent",
    "by_check",
    "parse_alert",
    "parse_rules",
    "read_alerts",
    "read_rules",
    "render",
    "render_params",
]
