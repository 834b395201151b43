"""Durations and sizes as Kibana's settings write them (source: Kibana docs, alerting and action settings)."""

from __future__ import annotations

import re

from sandtable_connector.errors import ConfigurationError

_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 7 * 86400.0,
    "M": 30 * 86400.0,
    "Y": 365 * 86400.0,
}
_BYTES = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}


def parse_duration(value: object, *, setting: str) -> float:
    """Return seconds for "60s", "1500ms", "2m" or a number of milliseconds; ConfigurationError names the setting.

    Units are ms, s, m, h, d, w, M (30 days) and Y (365 days).
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value) / 1000
    if isinstance(value, str):
        if re.fullmatch(r"[0-9]+", value):
            return int(value) / 1000
        if re.fullmatch(r"(?:[0-9]+(?:ms|[smhdwMY]))+", value):
            return sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"([0-9]+)(ms|[smhdwMY])", value))
    raise ConfigurationError(
        f"{setting}: {value!r} is not a duration; write a number and a unit of {', '.join(_SECONDS)}, such as 60s"
    )


def parse_size(value: object, *, setting: str) -> int:
    """Return bytes for "1mb", "512kb" or a number of bytes; ConfigurationError names the setting."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (match := re.fullmatch(r"([0-9]+)(b|kb|mb|gb)?", value, re.IGNORECASE)):
        return int(match[1]) * _BYTES[(match[2] or "b").lower()]
    raise ConfigurationError(
        f"{setting}: {value!r} is not a size; write a number and a unit of {', '.join(_BYTES)}, such as 1mb"
    )
