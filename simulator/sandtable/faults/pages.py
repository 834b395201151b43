"""The HTML pages that stand in for an instance which does not answer as an API."""

from __future__ import annotations

from html import escape


def page(title: str, text: str) -> bytes:
    """Return a page with a title and one sentence."""
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f"<body><h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>\n"
    ).encode()
