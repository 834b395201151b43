"""One world in PostgreSQL as the store uses a database."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import psycopg

from sandtable.core.query.sql.dialect import Dialect
from sandtable.core.query.sql.postgres import POSTGRES, keepable
from sandtable.core.schema.physical import quoted
from sandtable.core.store.postgres import replacing
from sandtable.core.store.postgres.connections import LONGEST_NAME, Connection, Connections, named, numbered
from sandtable.core.store.postgres.replacing import LONGEST_INDEXED
from sandtable.core.store.sqlite.in_memory import MemoryDatabase
from sandtable.core.values.errors import DatabaseUnavailable

# Who replaces everything makes the tables anew, in which a moment of before finds nothing: it waits for those who read,
# and they for it. The moment is taken by the first statement that is no LOCK. (_log, because who waits to write holds
# a lock of _world's.)
READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE _log IN ACCESS SHARE MODE; "
ALONE = "LOCK TABLE _log IN ACCESS EXCLUSIVE MODE"
# All in one, and the lock of the world last: the next statement sees what was committed while this one waited.
WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on; SELECT 1 FROM _world FOR UPDATE; "


class PostgresDatabase:
    """The schema of one world. Statements outside of a transaction take any connection of the pool."""

    error: type[Exception] | tuple[type[Exception], ...] = (psycopg.Error, DatabaseUnavailable)
    dialect: Dialect = POSTGRES
    wants_all = True  # to add a column waits for whoever reads the table, and keeps others from it
    column_limit = 1_590  # what PostgreSQL takes in one table, less what is ours
    notice = ""

    def __init__(self, connections: Connections, schema: str) -> None:
        self.connections = connections
        self.schema = schema
        self.before_tables: Callable[[], None] = lambda: None  # called before a table is made or widened
        self.begins: Callable[[], None] | None = None  # called where a statement is to begin a transaction
        self._held: Connection | None = None
        self._notes: list[Callable[[str], object]] = []

    # statements ------------------------------------------------------------------------------------------------------

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement."""
        for note in self._notes:
            note(sql)
        try:
            return self._run(sql, parameters)
        except (psycopg.DataError, UnicodeEncodeError):
            # No record has a text that PostgreSQL cannot have, but anybody may ask for one. Nothing was sent yet.
            others = tuple(keepable(each) if isinstance(each, str) else each for each in parameters)
            if others == tuple(parameters):
                raise
            return self._run(sql, others)

    def _run(self, sql: str, parameters: Sequence[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
        if self._held is None and self.begins is not None:
            self.begins()
        if self._held is None:
            return self.connections.execute(numbered(sql), parameters, self.schema)
        try:
            return self._held.execute(numbered(sql), parameters)
        except psycopg.OperationalError as error:
            if not self._held.broken:
                raise
            raise self.connections.unavailable(error) from error

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Run one statement for each of some rows of parameters."""
        assert self._held is not None, "many rows are written in a transaction"
        self._held.cursor().executemany(numbered(sql), rows)

    def insert(self, sql: str, parameters: tuple[object, ...]) -> int:
        """Add a row; return its `_seq`."""
        found = self.execute(f'{sql} RETURNING "_seq"', parameters).fetchone()
        assert found is not None
        return int(found[0])

    def begin(self, question: str = "", *, reading: bool = False) -> tuple[Any, ...] | None:
        """Begin a transaction: take the lock of the world, or for `reading` alone stay at one moment of it.

        Return the row that the first statement of it, a `question`, finds.
        """
        how = (READING if reading else WRITING) + question
        self._held, found = self.connections.enter(self.schema, how)
        return found.fetchone() if question else None

    def commit(self, last: str = "") -> None:
        """Make a transaction durable, with a `last` statement before."""
        assert self._held is not None
        self._held.execute(f"{last}; COMMIT" if last else "COMMIT", prepare=False)
        self._give_back()

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows what has become of the transaction, since its connection is gone."""
        return self._held is None or self._held.broken

    def rollback(self) -> None:
        """Take a transaction back, whatever it has come to."""
        if self._held is not None:
            self._give_back()

    def _give_back(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self.connections.leave(held)

    @property
    def in_transaction(self) -> bool:
        """Whether there is a transaction that can still be made durable."""
        held = self._held
        return held is not None and held.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS

    def was_cancelled(self, error: BaseException) -> bool:
        """Tell whether a statement failed because whoever asked has had time enough."""
        return isinstance(error, psycopg.errors.QueryCanceled)

    def look_at(self, expired: Callable[[], bool]) -> None:
        """Nothing: a statement that takes long is ended by PostgreSQL's own clock (see `Connections`)."""

    @contextlib.contextmanager
    def traced(self, note: Callable[[str], object]) -> Iterator[None]:
        """Have each statement that runs inside the block noted, as text."""
        self._notes.append(note)
        try:
            yield
        finally:
            self._notes.remove(note)

    def close(self) -> None:
        """Take back what was not made durable; the pool belongs to all worlds."""
        self.rollback()

    # tables ----------------------------------------------------------------------------------------------------------

    def tables(self) -> dict[str, tuple[str, ...]]:
        """Return the roots that have a table, each with its columns apart from `_seq` and `_table`."""
        found = self.execute(
            "SELECT coalesce(obj_description(c.oid, 'pg_class'), c.relname) AS name,"
            " array_agg(coalesce(d.description, a.attname) ORDER BY a.attnum) FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 2 AND NOT a.attisdropped"
            " LEFT JOIN pg_description d"
            " ON d.objoid = c.oid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass"
            " WHERE c.relkind = 'r' AND c.relnamespace = to_regnamespace(?) AND c.relname LIKE 'r\\_%' GROUP BY 1",
            (quoted(self.schema),),
        )
        return {name[2:]: tuple(columns) for name, columns in found}

    def create_table(self, root: str, columns: Iterable[str], *, by_class: bool) -> None:
        """Make the table of a root; `by_class` with an index of classes."""
        self.before_tables()
        columns = tuple(columns)
        listed = ",".join(f'{quoted(each)} text COLLATE "C"' for each in columns)
        name = quoted("r_" + root)
        self.execute(
            f'CREATE TABLE {name} ("_seq" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,'
            f' "_table" text COLLATE "C" NOT NULL, {listed})'
        )
        self._tell_whole_name("TABLE", name, "r_" + root)
        for each in columns:
            self._tell_whole_name("COLUMN", f"{name}.{quoted(each)}", each)
        self.execute(f'CREATE UNIQUE INDEX {quoted("u_" + root)} ON {name} ("sys_id" NULLS FIRST)')
        if by_class:
            self.execute(f'CREATE INDEX {quoted("c_" + root)} ON {name} ("_table")')

    def add_columns(self, root: str, columns: Sequence[str]) -> None:
        """Add columns to the table of a root."""
        self.before_tables()
        place = quoted("r_" + root)
        listed = ", ".join(f'ADD COLUMN {quoted(each)} text COLLATE "C"' for each in columns)
        self.execute(f"ALTER TABLE {place} {listed}")
        for each in columns:
            self._tell_whole_name("COLUMN", f"{place}.{quoted(each)}", each)

    def _tell_whole_name(self, kind: str, place: str, name: str) -> None:
        if len(name.encode()) > LONGEST_NAME:
            text = name.replace("'", "''")
            self.execute(f"COMMENT ON {kind} {place} IS '{text}'")

    def add_index(self, root: str, column: str, *, partial: bool) -> None:
        """Make the index of a column, unless there is one; a `partial` one is of the rows that have a value."""
        self.before_tables()
        some = f" WHERE {quoted(column)} IS NOT NULL" if partial else ""
        place = quoted("r_" + root)
        long = f"SELECT 1 FROM {place} WHERE length({quoted(column)}) > {LONGEST_INDEXED} LIMIT 1"
        if self.execute(long).fetchone() is not None:
            return
        # In the order in which lists are read, so that a page needs no sorting.
        made = (
            f"CREATE INDEX IF NOT EXISTS {quoted(f'i_{root}_{column}')}"
            f' ON {place} (lower({quoted(column)}) NULLS FIRST, "_seq"){some}'
        )
        goes_back = self._held is not None
        if goes_back:
            self.execute("SAVEPOINT before_index")
        try:
            self.execute(made)
        except psycopg.errors.ProgramLimitExceeded:
            # PostgreSQL also enters rows that are gone but that some transaction may still see, and their long texts.
            if goes_back:
                self.execute("ROLLBACK TO SAVEPOINT before_index")

    def drop_index(self, root: str, column: str) -> None:
        """Do without the index of a column, which is to have a text longer than LONGEST_INDEXED."""
        self.execute(f"DROP INDEX IF EXISTS {quoted(f'i_{root}_{column}')}")

    # everything ------------------------------------------------------------------------------------------------------

    def copied(self) -> None:
        """Return None: a copy takes as long as it is large."""

    def pages(self) -> tuple[bytes, ...]:
        """Return everything as the pages of a database of SQLite, whatever this one is."""
        made = MemoryDatabase()
        try:
            # No definition is asked for: PostgreSQL would look for it in the catalog of now, and not of this moment.
            indexes = self.execute(
                "SELECT t.relname, i.relname, x.indpred IS NOT NULL FROM pg_index x"
                " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
                " WHERE t.relnamespace = to_regnamespace(?)",
                (quoted(self.schema),),
            ).fetchall()
            made.begin()
            for root, columns in self.tables().items():
                mine = {name: partial for table, name, partial in indexes if table == named(f"r_{root}")}
                made.create_table(root, columns, by_class=any(name.startswith("c_") for name in mine))
                place = quoted("r_" + root)
                for table, filled in replacing.filled(self.execute, place, columns).items():
                    listed = ",".join(('"_seq"', '"_table"', *map(quoted, filled)))
                    rows = self.execute(f'SELECT {listed} FROM {place} WHERE "_table" = ?', (table,))
                    marks = ",".join("?" * (len(filled) + 2))
                    made.executemany(f"INSERT INTO {place} ({listed}) VALUES ({marks})", rows)
                for column in columns:
                    partial = mine.get(named(f"i_{root}_{column}"))
                    if partial is not None:
                        made.add_index(root, column, partial=partial)
            made.commit()
            return made.pages()
        finally:
            made.close()

    def load(self, pages: Sequence[bytes]) -> None:
        """Replace everything by what `pages` returned; in a transaction that has begun."""
        assert self._held is not None, "everything is replaced in a transaction"
        source = MemoryDatabase(pages)
        try:
            self.execute(ALONE)
            replacing.replace(self, source)
        finally:
            source.close()

    def copy_in(self, place: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows to a table, whose name is quoted; in a transaction that has begun."""
        assert self._held is not None, "rows are copied in a transaction"
        listed = ",".join(map(quoted, columns))
        with self._held.cursor().copy(numbered(f"COPY {place} ({listed}) FROM STDIN")) as copy:
            for row in rows:
                copy.write_row(row)
