"""Fields of an incident action."""

from __future__ import annotations

from hypothesis import strategies as st

LEVELS = st.sampled_from(("1", "2", "3"))


# Each optional field with a value that is no default.
SAMPLES = {
    "description": "All about it",
    "impact": "1",
    "urgency": "2",
    "severity": "1",
    "category": "hardware",
    "subcategory": "disk",
    "correlation_display": "Alerting",
}
# The same fields with other values, for an update.
LATER = {
    "description": "Seen again",
    "impact": "2",
    "urgency": "1",
    "severity": "2",
    "category": "software",
    "subcategory": "email",
    "correlation_display": "Elastic Case",
}


def fields() -> st.SearchStrategy[dict[str, str]]:
    """Some of the optional fields of a push, with values that a fresh instance has choices for."""
    return st.fixed_dictionaries(
        {},
        optional={
            "description": st.sampled_from(("All about it", "Two\nlines", "a & b < c", "  padded\r\n\ttabbed  ")),
            "impact": LEVELS,
            "urgency": LEVELS,
            "severity": LEVELS,
            "category": st.sampled_from(("software", "hardware", "network")),
            "subcategory": st.sampled_from(("email", "os", "disk")),
            "correlation_display": st.sampled_from(("Alerting", "Elastic Case")),
        },
    )


# How many characters the columns of an incident have.
LENGTHS = {"short_description": 160, "description": 4000, "correlation_display": 100}


def full_length() -> st.SearchStrategy[dict[str, str]]:
    """Texts as long as their columns, of narrow or wide characters, and different at their ends."""
    return st.sampled_from("aé語🙂").map(
        lambda character: {name: character * (length - 1) + "z" for name, length in LENGTHS.items()}
    )


def places() -> st.SearchStrategy[str]:
    """An incident of the story by the order of its arrival."""
    return st.integers(0, 4).map("#{}".format)
