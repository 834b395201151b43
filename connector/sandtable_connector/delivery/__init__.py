"""Delivery: the actions of rules in a durable queue, carried out by connectors, tried again as Kibana would."""

from __future__ import annotations

from .delivery import Attempt, Delivery, OpenConnector
from .queue import DeliveryQueue, QueuedAction
from .report import Report, report

__all__ = ["Attempt", "Delivery", "DeliveryQueue", "OpenConnector", "QueuedAction", "Report", "report"]
