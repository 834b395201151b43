"""Every field that a query asks about, of whatever table: what access control has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandtable.core.query.language.heads import join_head, related_head, subquery_head
from sandtable.core.query.language.operators import FIELD_OPERATORS, TAGS, TEXT_QUERY, meaning
from sandtable.core.query.language.parsing import parse
from sandtable.core.query.language.syntax import DEEPEST_JOIN, RELATED, Block, Condition, Join, Query, Term
from sandtable.core.query.meaning.searched import searched_columns, searched_journals
from sandtable.core.schema.dictionary import Dictionary

ORDERBY, ORDERBYDESC = "ORDERBY", "ORDERBYDESC"


@dataclass(frozen=True, slots=True)
class AskedField:
    """A path from a table, and the operator as it is meant: `=` for the links to other tables, ORDERBY for an order."""

    table: str
    path: str
    operator: str


def asked_fields(query: Query, table: str, dictionary: Dictionary) -> tuple[AskedField, ...]:
    """Return each field that the meaning of a query on a table depends on, also inside RLQUERY, SUBQUERY and JOIN.

    A condition that compares two fields asks about both; a full text search about every column it looks at. Tables and
    paths need not exist. Tags are no fields.
    """
    return tuple(dict.fromkeys(_of_query(query, table, dictionary, 0)))


def _of_query(query: Query, table: str, dictionary: Dictionary, joins: int) -> Iterator[AskedField]:
    for alternative in query.alternatives:
        for group in alternative:
            for term in group:
                yield from _of_term(term, table, dictionary, joins)
    for order in query.order:
        yield AskedField(table, order.path, ORDERBYDESC if order.descending else ORDERBY)


def _of_term(term: Term, table: str, dictionary: Dictionary, joins: int) -> Iterator[AskedField]:
    if isinstance(term, Condition):
        yield from _of_condition(term, table, dictionary)
    elif isinstance(term, Block):
        yield from _of_block(term, table, dictionary, joins)
    elif isinstance(term, Join):
        head = join_head(term.text)
        if head is not None and joins < DEEPEST_JOIN:
            yield AskedField(table, head.own, "=")
            yield AskedField(head.table, head.column, "=")
            yield from _of_query(parse(head.query), head.table, dictionary, joins + 1)


def _of_condition(term: Condition, table: str, dictionary: Dictionary) -> Iterator[AskedField]:
    if term.path.startswith("123TEXT"):
        if term.path == TEXT_QUERY and dictionary.has(table):
            for column in (*searched_columns(dictionary, table), *searched_journals(dictionary, table)):
                yield AskedField(table, column.name, TEXT_QUERY)
    elif not term.path.startswith(TAGS):
        operator = meaning(term.operator)
        yield AskedField(table, term.path, operator)
        if operator in FIELD_OPERATORS:
            yield AskedField(table, term.value.partition("@")[0], operator)


def _of_block(block: Block, table: str, dictionary: Dictionary, joins: int) -> Iterator[AskedField]:
    if block.kind == RELATED:
        related = related_head(block.head)
        other = related.table
        yield AskedField(other, related.column, "=")
    else:
        subquery = subquery_head(block.head)
        if subquery is None:
            return
        other = subquery.table
        yield AskedField(table, subquery.own, "=")
        yield AskedField(other, subquery.column, "=")
    yield from _of_query(block.query, other, dictionary, joins)
