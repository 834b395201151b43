"""Cases: a case and its comments pushed to one incident, again and again."""

from __future__ import annotations

from sandtable_connector.cases.case import Case, CaseComment, CasePush, Person, case_wire, parse_case
from sandtable_connector.cases.pushing import (
    PushedCase,
    PushFailed,
    case_params,
    case_status,
    case_url,
    offered_for_new_cases,
    push_case,
)

__all__ = [
    "Case",
    "CaseComment",
    "CasePush",
    "Person",
    "PushFailed",
    "PushedCase",
    "case_params",
    "case_status",
    "case_url",
    "case_wire",
    "offered_for_new_cases",
    "parse_case",
    "push_case",
]
