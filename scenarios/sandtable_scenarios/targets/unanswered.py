"""What is said when a target did not answer."""

from __future__ import annotations

import requests


def reason_of(error: requests.RequestException) -> str:
    """Return why nothing came back, such as `Connection refused`, without the layers that libraries put round it."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    seen: BaseException | None = error
    words = type(error).__name__
    met: set[int] = set()
    while seen is not None and id(seen) not in met:
        met.add(id(seen))
        words = getattr(seen, "strerror", None) or words
        following = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None) or seen.__cause__
        seen = following if isinstance(following, BaseException) else seen.__context__
    return words
