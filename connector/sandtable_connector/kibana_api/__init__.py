"""Kibana's HTTP interface to connectors, so that what was written against it can be run against this one."""

from __future__ import annotations

from sandtable_connector.kibana_api.routes import Answer, KibanaApi
from sandtable_connector.kibana_api.server import KibanaServer

__all__ = ["Answer", "KibanaApi", "KibanaServer"]
