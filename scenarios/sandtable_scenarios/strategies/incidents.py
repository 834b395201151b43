"""Fields of an incident action."""

from __future__ import annotations

from hypothesis import strategies as st

LEVELS = st.sampled_from(("1", "2", "3"))


def fields() -> st.SearchStrategy[dict[str, str]]:
    """Some of the optional fields of a push, with values that a fresh instance has choices for."""
    return st.fixed_dictionaries(
        {},
        optional={
            "description": st.sampled_from(
                ("All about it", "Two\nlines", "a & b < c", "  padded\r\n\ttabbed  ", "word " * 799 + "last")
            ),
            "impact": LEVELS,
            "urgency": LEVELS,
            "severity": LEVELS,
            "category": st.sampled_from(("software", "hardware", "network")),
            "correlation_display": st.sampled_from(("Alerting", "Elastic Case")),
        },
    )


def places() -> st.SearchStrategy[str]:
    """An incident of the story by the order of its arrival."""
    return st.integers(0, 4).map("#{}".format)
