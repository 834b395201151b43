"""Kibana's HTTP interface to connectors, so that what was written against it can be run against this one."""

from __future__ import annotations

from .routes import Answer, KibanaApi
from .server import KibanaServer

__all__ = ["Answer", "KibanaApi", "KibanaServer"]
