"""Rules of hostile customers, as records of sys_script: what an instance may do to a connector that means well.

Each is a record for `POST /_sandtable/load`, or for the Table API; an instance that runs scripts runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WRAPPED = "(function executeRule(current, previous /*null when async*/) {{\n    {0}\n}})(current, previous);"


def _rule(name: str, when: str, script: str, operations: str = "insert,update") -> Mapping[str, str]:
    actions = {f"action_{each}": "true" for each in operations.split(",")}
    return MappingProxyType(
        {
            "name": name,
            "collection": "incident",
            "when": when,
            "order": "500",
            "active": "true",
            "advanced": "true",
            "script": _WRAPPED.format(script),
            **actions,
        }
    )


REFUSES = "aborts"  # the one that lets no push through

HOSTILE_RULES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "aborts": _rule("Refuse everything", "before", "current.setAbortAction(true);"),
        "rewrites": _rule("Start at once", "before", "current.state = 2;", "insert"),
        "inserts a twin": _rule(
            "Copy it",
            "after",
            "var twin = new GlideRecord('incident');\n"
            "    twin.initialize();\n"
            "    twin.setWorkflow(false);\n"
            "    twin.short_description = 'Copy of ' + current.number;\n"
            "    twin.correlation_id = current.correlation_id;\n"
            "    twin.insert();",
            "insert",
        ),
        "is slow": _rule("Take a minute", "before", "gs.sleep(60000);"),
        "throws": _rule("Broken", "before", "current.no_such_field.no_such_call();"),
        "clears the key": _rule("Forget where it came from", "before", "current.correlation_id = '';", "insert"),
    }
)
