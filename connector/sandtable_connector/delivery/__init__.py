"""Delivery: the actions of rules in a durable queue, carried out by connectors, tried again as Kibana would."""

from __future__ import annotations

from sandtable_connector.delivery.delivery import Attempt, Delivery, OpenConnector
from sandtable_connector.delivery.queue import DeliveryQueue, QueuedAction
from sandtable_connector.delivery.report import Report, report

__all__ = ["Attempt", "Delivery", "DeliveryQueue", "OpenConnector", "QueuedAction", "Report", "report"]
