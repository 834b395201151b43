"""How the connector acts where documentation and releases of Kibana differ: named switches, and presets of them."""

from __future__ import annotations

from sandtable_connector.behaviour.switches import LONGEST_CORRELATION_ID, PRESETS, UNRENDERED_CORRELATION_ID, Behaviour

__all__ = ["LONGEST_CORRELATION_ID", "PRESETS", "UNRENDERED_CORRELATION_ID", "Behaviour"]
