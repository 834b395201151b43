"""Tables of the product that are not simulated, by name: asking for one is told, and is never `Invalid table`.

Source: tables that the documentation, the vendor's SDK and public integrations name, and common knowledge of them.
"""

from __future__ import annotations

from functools import lru_cache

from sandtable.core.schema.dictionary_data import DATA_FOLDER

FILE = DATA_FOLDER.parent / "stock_names.txt"


@lru_cache(maxsize=1)
def stock_names() -> frozenset[str]:
    """Return the names, in lower case."""
    return frozenset(FILE.read_text(encoding="utf-8").split())


def is_stock_table(name: str) -> bool:
    """Tell whether instances have a table that this one does not simulate."""
    return name in stock_names()
