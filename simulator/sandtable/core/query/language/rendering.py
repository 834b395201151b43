"""A Query written as encoded query text."""

from __future__ import annotations

from collections.abc import Iterator

from sandtable.core.query.language.parsing import parse
from sandtable.core.query.language.syntax import Block, Condition, Join, Query, Term


def render(query: Query) -> str:
    """Return the query as text, so that `parse(render(query)) == query`.

    Raises ValueError for a condition that the language cannot express: an operator and a value that together spell a
    longer operator, such as `IN` and `STANCEOF`, or a path that reads as something else.
    """
    return "^".join(_parts(query))


def _parts(query: Query) -> Iterator[str]:
    for number, alternative in enumerate(query.alternatives):
        prefix = "NQ" if number else ""
        for group in alternative:
            for term in group:
                yield prefix + _term(term)
                prefix = "OR"
            prefix = ""
    for path in query.grouping:
        yield f"GROUPBY{path}"
    for order in query.order:
        yield f"ORDERBY{'DESC' if order.descending else ''}{order.path}"


def _term(term: Term) -> str:
    if isinstance(term, Condition):
        text = _escaped(f"{term.path}{term.operator}{term.value}")
        if parse(text) != Query((((term,),),)):
            raise ValueError(f"{term} cannot be written as a part of an encoded query")
        return text
    if isinstance(term, Block):
        return "^".join((term.kind + _escaped(term.head), *_parts(term.query), f"END{term.kind}"))
    if isinstance(term, Join):
        return f"JOIN{_escaped(term.text)}"
    return _escaped(term.text)


def _escaped(text: str) -> str:
    return text.replace("^", "^^")
