"""The connector that a command-line value names."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandtable_scenarios.targets.command import Command
from sandtable_scenarios.targets.connectors import ConnectorTarget, InProcess, KibanaHttp


def connector_from(text: str) -> ConnectorTarget:
    """Return the connector that a command-line value names.

    ``module:factory`` (with options as ``module:factory?behaviour=kibana-8.13``), ``cmd:program and arguments``, or the
    address of a Kibana. Raises TargetUnreachable naming what is wrong.
    """
    if text.startswith("cmd:"):
        return Command(text[4:])
    if text.startswith(("http://", "https://")):
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
        return KibanaHttp(
            f"{parts.scheme}://{host}{parts.path}", user=parts.username or "", password=parts.password or ""
        )
    path, _, options = text.partition("?")
    return InProcess(path, **dict(pair.split("=", 1) for pair in options.split("&") if "=" in pair))
