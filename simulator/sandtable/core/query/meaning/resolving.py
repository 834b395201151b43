"""From a Query to predicates: which fields and operators exist, what the values are, who asks and when.

A condition on an unknown field, or with an operator that means nothing, is dropped alone and entered in the ledger; a
dropped term of an OR vanishes. With property `glide.invalid_query.returns_no_rows` such a query matches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sandtable.core.query.language.context import QueryContext
from sandtable.core.query.language.heads import join_head, related_head, subquery_head
from sandtable.core.query.language.operators import TAGS, TEXT_QUERY, TRIGGER_ONLY, meaning
from sandtable.core.query.language.parsing import parse
from sandtable.core.query.language.syntax import (
    DEEPEST_JOIN,
    RELATED,
    Alternative,
    Block,
    Condition,
    Join,
    Query,
    Term,
)
from sandtable.core.query.meaning.asking import Asked, Dropped, display_field
from sandtable.core.query.meaning.asking_times import TIME_OPERATORS
from sandtable.core.query.meaning.asking_values import NOT_LIKE_EMPTY, VALUE_OPERATORS
from sandtable.core.query.meaning.hints import hints
from sandtable.core.query.meaning.searched import searched_columns, searched_journals
from sandtable.core.query.meaning.secrets import without_secrets
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.query.sql.predicates import (
    All,
    Always,
    Among,
    Any,
    Contains,
    Field,
    Predicate,
    Related,
    ResolvedOrder,
    ResolvedQuery,
    all_of,
    any_of,
)
from sandtable.core.schema.columns import COMBINED, JOURNAL_TYPES
from sandtable.core.values.errors import BadRequest

RETURNS_NO_ROWS = "glide.invalid_query.returns_no_rows"
JOURNAL, TAG_ENTRIES = "sys_journal_field", "label_entry"
_POSITIVE = {"NOT LIKE": "LIKE", "!=": "=", "NOT IN": "IN"}
# Each condition costs the database up to three variables, of which SQLite takes 32,766 in one statement.
MOST_CONDITIONS = 10_000
MOST_HINTS = 5


def resolve(query: Query, table: str, context: QueryContext) -> ResolvedQuery:
    """Return the query with names, values and times settled for one table.

    Raises UnknownTable; BadRequest for more than MOST_CONDITIONS conditions, where a full text search has one for each
    word and column; in a strict ledger, Unsimulated for the first thing that is dropped.
    """
    resolution = _Resolution(context)
    asked = resolution.query(query, table)
    where = asked and without_secrets(asked, context.dictionary)
    order = resolution.order(query, table)
    nothing = resolution.dropped and context.is_true(RETURNS_NO_ROWS, "false")
    return ResolvedQuery(where, order, nothing, resolution.dropped, tuple(resolution.hints))


class _Resolution:
    """One run of `resolve`; remembers whether a condition was dropped."""

    def __init__(self, context: QueryContext) -> None:
        self.context = context
        self.dictionary = context.dictionary
        self.dropped = False
        self.hints: list[str] = []
        self._joins = 0
        self._asked = 0

    def query(self, query: Query, table: str) -> Predicate | None:
        found = (self._alternative(alternative, table) for alternative in query.alternatives)
        return any_of(tuple(each for each in found if each is not None))

    def _alternative(self, alternative: Alternative, table: str) -> Predicate | None:
        found = (self._group(group, table) for group in alternative)
        return all_of(tuple(each for each in found if each is not None))

    def _group(self, group: Sequence[Term], table: str) -> Predicate | None:
        found = (self._term(term, table) for term in group)
        return any_of(tuple(each for each in found if each is not None))

    def order(self, query: Query, table: str) -> tuple[ResolvedOrder, ...]:
        found = []
        for order in query.order:
            field = field_at(self.dictionary, table, order.path)
            if field is None:
                self.context.note("field", order.path[:200], table)
            elif not (shown := display_field(self.dictionary, field)).column.is_password:  # else it has no order
                found.append(ResolvedOrder(shown, order.descending))
        return tuple(found)

    # terms ---------------------------------------------------------------------------------------------------------

    def _term(self, term: Term, table: str) -> Predicate | None:
        try:
            if isinstance(term, Condition):
                return self._condition(term, table)
            if isinstance(term, Block):
                return self._block(term, table)
            if isinstance(term, Join):
                return self._join(term, table)
            raise Dropped("operator", term.text, table)
        except Dropped as reason:
            self.dropped = True
            self.context.note(reason.kind, reason.name, reason.detail)
            return None

    def _count(self, conditions: int) -> None:
        self._asked += conditions
        if self._asked > MOST_CONDITIONS:
            raise BadRequest(
                "Query too long",
                f"An encoded query may have at most {MOST_CONDITIONS} conditions; use IN for lists",
            )

    def _condition(self, term: Condition, table: str) -> Predicate:
        self._count(1)
        operator = meaning(term.operator)
        if term.path.startswith("123TEXT"):
            return self._text_query(term, table)
        if operator in TRIGGER_ONLY:
            raise Dropped("operator", operator, f"{table}.{term.path}")
        if term.path.startswith(TAGS):
            return self._tagged(term, operator, table)
        field = field_at(self.dictionary, table, term.path)
        if field is None:
            raise Dropped("field", term.path, table)
        asked = Asked(self.context, field, term.path, operator, term.value, term.literal)
        return self._journal(asked) if field.column.type in JOURNAL_TYPES else self._predicate(asked)

    def _predicate(self, asked: Asked) -> Predicate:
        resolve_operator = VALUE_OPERATORS.get(asked.operator) or TIME_OPERATORS.get(asked.operator)
        if resolve_operator is None:
            raise asked.not_simulated()
        self.hints.extend(islice(hints(asked), MOST_HINTS - len(self.hints)))
        return resolve_operator(asked)

    def _journal(self, asked: Asked) -> Predicate:
        """A journal column holds nothing itself: what is asked is asked of its entries."""
        if asked.operator in TIME_OPERATORS:
            raise asked.not_simulated()
        if asked.operator == "ANYTHING":
            return Always(True)
        owner = asked.field.hops[-1][1] if asked.field.hops else asked.field.table
        outer = self._identity(Field(asked.field.table, asked.field.hops, "sys_id", asked.column), owner)
        element = Among(self._field(JOURNAL, "element"), COMBINED.get(asked.field.name, (asked.field.name,)))
        any_entry = self._entries(outer, element)
        if asked.operator in ("ISEMPTY", "EMPTYSTRING") or (asked.operator == "=" and not asked.value):
            return self._entries(outer, element, none=True)
        if asked.operator == "ISNOTEMPTY" or (asked.operator == "!=" and not asked.value):
            return any_entry
        value = Asked(
            self.context,
            self._field(JOURNAL, "value"),
            asked.path,
            _POSITIVE.get(asked.operator, asked.operator),
            asked.value,
            asked.literal,
        )
        found = self._entries(outer, All((element, self._predicate(value))), none=asked.operator in _POSITIVE)
        if asked.operator == "NOT LIKE" and not self.context.is_true(NOT_LIKE_EMPTY, "false"):
            return All((any_entry, found))
        return found

    def _entries(self, outer: Field, where: Predicate, *, none: bool = False) -> Predicate:
        link = self._field(JOURNAL, "element_id").column
        return Related(JOURNAL, link, outer, where, "=" if none else ">=", 0 if none else 1)

    def _tagged(self, term: Condition, operator: str, table: str) -> Predicate:
        if operator not in ("=", "!=", "IN", "NOT IN"):
            raise Dropped("operator", term.operator, f"{table}.{term.path}")
        label = self._field(TAG_ENTRIES, "label")
        asked = Asked(self.context, label, term.path, "IN", term.value or term.path.removeprefix(TAGS))
        link = self._field(TAG_ENTRIES, "table_key").column
        none = operator in ("!=", "NOT IN")
        outer = self._field(table, "sys_id")
        return Related(TAG_ENTRIES, link, outer, self._predicate(asked), "=" if none else ">=", 0 if none else 1)

    def _text_query(self, term: Condition, table: str) -> Predicate:
        if term.path != TEXT_QUERY or term.operator != "=":
            raise Dropped("operator", term.path, table)
        words = dict.fromkeys(term.value.split())
        columns = [self._field(table, column.name) for column in searched_columns(self.dictionary, table)]
        self._count(len(words) * (len(columns) + 1))
        return all_of(tuple(self._word(word, columns, table) for word in words)) or Always(True)

    def _word(self, word: str, columns: Sequence[Field], table: str) -> Predicate:
        parts: list[Predicate] = []
        for field in columns:
            needle = Asked(self.context, field, field.name, "LIKE", word).plain(word)
            parts.append(Contains(field, needle) if needle else Always(True))
        if searched_journals(self.dictionary, table) and self.dictionary.has(JOURNAL):
            value = Asked(self.context, self._field(JOURNAL, "value"), TEXT_QUERY, "LIKE", word)
            parts.append(self._entries(self._field(table, "sys_id"), self._predicate(value)))
        return Any(tuple(parts)) if parts else Always(False)

    # other tables --------------------------------------------------------------------------------------------------

    def _block(self, block: Block, table: str) -> Predicate:
        return self._related(block, table) if block.kind == RELATED else self._subquery(block, table)

    def _related(self, block: Block, table: str) -> Predicate:
        head = related_head(block.head)
        column = self._field(head.table, head.column).column
        if head.comparison is None:
            raise Dropped("operator", RELATED, block.head)
        where = self.query(block.query, head.table)
        return Related(head.table, column, self._field(table, "sys_id"), where, *head.comparison)

    def _subquery(self, block: Block, table: str) -> Predicate:
        head = subquery_head(block.head)
        if head is None:
            raise Dropped("operator", block.kind, block.head)
        outer, column = self._field(table, head.own), self._field(head.table, head.column).column
        return Related(head.table, column, outer, self.query(block.query, head.table))

    def _join(self, join: Join, table: str) -> Predicate:
        head = join_head(join.text)
        if head is None:
            raise Dropped("operator", "JOIN", join.text)
        own = head.own_table
        if not (self.dictionary.extends(table, own) or self.dictionary.extends(own, table)):
            raise Dropped("operator", "JOIN", join.text)
        outer, column = self._field(table, head.own), self._field(head.table, head.column).column
        if self._joins >= DEEPEST_JOIN:
            raise Dropped("operator", "JOIN", join.text)
        self._joins += 1
        try:
            return Related(head.table, column, outer, self.query(parse(head.query), head.table))
        finally:
            self._joins -= 1

    def _field(self, table: str, name: str) -> Field:
        """Return a column of a table, of itself and not dot-walked. Raises Dropped."""
        column = self.dictionary.column(table, name) if self.dictionary.has(table) else None
        if column is None:
            raise Dropped("field", f"{table}.{name}", "no such column")
        return Field(table, (), name, column)

    def _identity(self, field: Field, owner: str) -> Field:
        return Field(field.table, field.hops, "sys_id", self._field(owner, "sys_id").column)
