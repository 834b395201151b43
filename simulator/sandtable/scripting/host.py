"""Runs the scripts of records for an instance: each place in its own module, engines by turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sandtable.scripting.engine.coverage import Coverage
from sandtable.scripting.engine.guard import EngineUnusable, load_engine, probe
from sandtable.scripting.engine.language import ES_LATEST
from sandtable.scripting.engine.syntax import syntax_error
from sandtable.scripting.places import access, background, jobs, operations, rules, transforms, values
from sandtable.scripting.planted import Outbound, Stub
from sandtable.scripting.pool import Pool

if TYPE_CHECKING:
    from sandtable.core.applications.scripted_resources import Resource
    from sandtable.core.imports.row_transform import RowTransform, TransformScript
    from sandtable.core.imports.transform_maps import FieldMap
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.core.platform.writing.rules import RuleContext
    from sandtable.core.platform.writing.script_host import Displayed
    from sandtable.core.query import Query
    from sandtable.scripting.places.background import AjaxAnswer, ScriptOutcome


class Host:
    """Runs scripts of records. Raises EngineUnusable when made without an engine that can be stopped."""

    def __init__(self) -> None:
        load_engine()
        try:
            import tree_sitter  # noqa: F401 - asked for here, so that what is missing is told once
            import tree_sitter_javascript  # noqa: F401
        except ImportError as error:
            raise EngineUnusable("scripts need the extra: pip install '.[scripts]' in a clone") from error
        probe()
        self.outbound = Outbound()
        self.pool = Pool(self.outbound)

    # for tests and tools ----------------------------------------------------------------------------------------------

    def count_lines(self, into: Coverage | None = None) -> Coverage:
        """Count from now on which lines of scripts run, `into` what is given or something new, and return that."""
        self.pool.counted = into or self.pool.counted or Coverage()
        return self.pool.counted

    def stop_counting(self) -> None:
        """Stop counting lines."""
        self.pool.counted = None

    def plant(self, stub: Stub) -> None:
        """Plant an answer for outbound calls; the newest that fits answers."""
        self.outbound.stubs.append(stub)

    def log_sources(self) -> frozenset[str]:
        """Return the sources under which scripts have written to the system log."""
        return frozenset(self.outbound.log_sources)

    def forget(self) -> None:
        """Forget planted answers and the calls made."""
        self.outbound.stubs.clear()
        self.outbound.calls.clear()

    def background(
        self, session: Session, script: str, *, scope: str = "global", name: str = "background script"
    ) -> ScriptOutcome:
        """Run a script as an administrator does on the page for it. Never raises what the script does wrong."""
        return background.run(self.pool, session, script, scope=scope, name=name)

    def include(self, session: Session, name: str, parameters: Mapping[str, str]) -> AjaxAnswer:
        """Answer a client script's call of a client-callable script include. Raises ScriptThrew and refusals."""
        return background.ajax(self.pool, session, name, parameters)

    def processor(self, session: Session, path: str, request: Mapping[str, object]) -> Mapping[str, object] | None:
        """Answer a request for the path of a processor record, or return None when there is none."""
        return background.processor(self.pool, session, path, request)

    # places -----------------------------------------------------------------------------------------------------------

    def rule(self, record: Record, context: RuleContext) -> None:
        """Run the condition and the script of a business rule."""
        rules.run(self.pool, record, context)

    def display(self, session: Session, record: Record, found: Sequence[Record], *, is_new: bool) -> Displayed:
        """Run the display rules of a record that a form is about to show."""
        return rules.display(self.pool, session, record, found, is_new=is_new)

    def later(self, record: Record, context: RuleContext) -> None:
        """Have an asynchronous business rule run after the write."""
        rules.later(self.pool, record, context)

    def query_conditions(self, session: Session, table: str, found: Sequence[Record]) -> tuple[Query, ...]:
        """Return what query rules add to a query of a table."""
        return rules.query_conditions(self.pool, session, table, found)

    def default_value(self, session: Session, table: str, given: Mapping[str, str], expression: str) -> str | None:
        """Return what a default of the dictionary gives."""
        return values.default_value(self.pool, session, table, given, expression)

    def query_value(self, session: Session, expression: str) -> str | tuple[str, ...] | None:
        """Return what the `javascript:` value of a query gives in the sandbox."""
        return values.query_value(self.pool, session, expression)

    def unreadable(self, instance: Instance, script: str, *, returns: bool) -> str:
        """Return why a script cannot be read, in the product's words; empty when it can."""
        found = syntax_error(script, instance.property("sandtable.script.mode", ES_LATEST), returns=returns)
        if found is None:
            return ""
        spot = found.spot
        return f"JavaScript parse error at line ({spot.line}) column ({spot.column}) problem = {found.text}"

    def access(self, session: Session, rule: str, script: str, table: str, record: Record | None) -> bool:
        """Tell whether the script of an access control passes."""
        return access.passes(self.pool, session, rule, script, table, record)

    def transform_scripts(self, instance: Instance, staging: str) -> tuple[TransformScript, ...]:
        """Return the scripts of the records of a staging table's maps, in order."""
        return transforms.scripts_of(self.pool, instance, staging)

    def source_value(self, row: RowTransform, entry: FieldMap) -> str | None:
        """Return what the source script of a field map gives."""
        return transforms.source_value(self.pool, row, entry)

    def resource(self, instance: Instance, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
        """Return the scripted REST resource of records for a method and path, with the path's parameters."""
        return operations.find(self.pool, instance, method, path)

    def run_jobs(self, instance: Instance) -> int:
        """Run what is due: asynchronous rules, events, scheduled scripts."""
        return jobs.run_due(self.pool, instance)
