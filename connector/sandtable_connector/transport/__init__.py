"""One request out, one response in: the seam to the network, and what carries requests over it to the byte."""

from __future__ import annotations

from sandtable_connector.transport.messages import Log, Request, Response, Transport

__all__ = ["Log", "Request", "Response", "Transport"]
