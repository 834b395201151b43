"""Rules and alerts: what Kibana does between an alert and a connector.

A rule file says what is to be done about which alerts; a stream of Kibana alert documents says what happened.
`RuleRunner` turns the two into calls of connectors, with every parameter rendered.
"""

from __future__ import annotations

from sandtable_connector.rules.alert import Alert, parse_alert, read_alerts
from sandtable_connector.rules.calls import ActionCall, CheckOutcome, Silent, by_check
from sandtable_connector.rules.lifecycle import RuleState
from sandtable_connector.rules.reading import parse_rules, read_rules
from sandtable_connector.rules.rule_file import Action, Rule, RuleFile
from sandtable_connector.rules.runner import RuleRunner
from sandtable_connector.templates import render, render_params

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
