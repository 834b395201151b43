"""Every secret that an instance knows, struck out by its value wherever it appears and whatever it is called there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from sandtable.core.query import ResolvedQuery
from sandtable.core.schema.private_values import PROPERTIES, is_private
from sandtable.core.store.row import Selection
from sandtable.core.values.passwords import is_hashed
from sandtable.core.values.secret_names import STARS, is_secret_name

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

# Shorter ones occur in innocent words.
SHORTEST = 6
_LONG = 24
_RUN = re.compile(rf"(?<![\w-])[\w-]{{{_LONG},}}+")


class LongWords:
    """Tokens and keys with what is shown in their place: however many there are, a text is looked through once."""

    def __init__(self, replacements: Mapping[str, str] = MappingProxyType({})) -> None:
        self._by_start: dict[str, dict[str, str]] = {}
        for word, replacement in replacements.items():
            self.add(word, replacement)

    def __bool__(self) -> bool:
        return bool(self._by_start)

    @staticmethod
    def takes(word: str) -> bool:
        """Tell whether something is long enough and of such letters that it is found this way."""
        return _RUN.fullmatch(word) is not None

    def add(self, word: str, replacement: str) -> None:
        """Take in one more; what is shown in its place stays when it is there already."""
        self._by_start.setdefault(word[:_LONG], {}).setdefault(word, replacement)

    def replaced(self, text: str) -> str:
        """Return a text with each of them replaced, in longer words too."""
        return _RUN.sub(lambda found: self._in_run(found[0]), text) if self._by_start else text

    def _in_run(self, run: str) -> str:
        pieces: list[str] = []
        position = start = 0
        while position <= len(run) - _LONG:
            words = self._by_start.get(run[position : position + _LONG], {})
            word = next((each for each in sorted(words, key=len, reverse=True) if run.startswith(each, position)), "")
            if word:
                pieces += [run[start:position], words[word]]
                start = position + len(word)
            position += len(word) or 1
        return "".join([*pieces, run[start:]]) if pieces else run


class KnownSecrets:
    """Values that no text may show."""

    def __init__(self, values: Iterable[str]) -> None:
        known = {value for value in values if len(value) >= SHORTEST and value != STARS}
        words = {each for each in known if LongWords.takes(each)}
        self._words = LongWords(dict.fromkeys(words, STARS))
        others = {form for value in known - words for form in forms_of(value)}
        self._others = sorted(others, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._words or self._others)

    def struck(self, text: str) -> str:
        """Return a text without them."""
        for each in self._others:
            if each in text:
                text = text.replace(each, STARS)
        return self._words.replaced(text)

    def struck_everywhere(self, value: Any) -> Any:
        """Return a value of JSON whose texts are without them."""
        if isinstance(value, str):
            return self.struck(value)
        if isinstance(value, Mapping):
            return {self.struck(name): self.struck_everywhere(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.struck_everywhere(each) for each in value]
        return value


def forms_of(value: str) -> set[str]:
    """Return a text as it may stand in others: as it is, in an address, in a form, and in JSON."""
    quoted = quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")
    return {value, *quoted, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}


def known_secrets(instance: Instance) -> KnownSecrets:
    """Return what an instance keeps that no answer may show: passwords, keys, tokens, private properties.

    Passwords of users are kept as digests, which tell nothing; those are not among them.
    """
    tables = _tables(instance)

    def values(table: str) -> frozenset[str]:
        return instance.cached(("secrets", table), (table,), lambda: _values(instance, table))

    def compute() -> KnownSecrets:
        return KnownSecrets(value for table in tables for value in values(table))

    return instance.cached(("known secrets",), tables, compute)


def _tables(instance: Instance) -> tuple[str, ...]:
    dictionary = instance.dictionary

    def find() -> tuple[str, ...]:
        tables = dictionary.tables()
        return tuple(each.name for each in tables if any(column.is_password for column in each.columns.values()))

    return (*dictionary.memo(("tables with passwords",), find), PROPERTIES)


def _values(instance: Instance, table: str) -> frozenset[str]:
    found: set[str] = set()
    if not instance.dictionary.has(table):
        return frozenset()
    columns = instance.dictionary.columns(table)
    # Of this table alone: its root may hold thousands of records of others.
    for row in instance.store.select(Selection(table, ResolvedQuery(), None, 0)):
        record = row.values
        for name, value in record.items():
            column = columns.get(name)
            if column is None or not value or is_hashed(value):
                continue
            plain = {"is_private": "", "type": "", **record}
            if is_private(plain, column) or (
                table == PROPERTIES and name == "value" and is_secret_name(record.get("name", ""))
            ):
                found.add(value)
    return frozenset(found)
