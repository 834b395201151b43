"""A row that is imported and cannot be transformed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.core.platform.writing.rules import EVERY_TABLE, INSERT_OR_UPDATE, BusinessRule, RuleBook, RuleContext
from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply

SCOPE = "planned fault"


@dataclass(frozen=True, slots=True)
class ImportRowError:
    """A business rule refuses the target record of an import: status 201, a row in state error, nothing else written.

    The refusal happens inside the instance, so the import set row and its error records tell of it too.
    """

    kind: ClassVar[str] = "import-row-error"
    rule: str = entry("Refuse imported records", "the name of the rule that refuses, as the error message shows it")

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        instance = exchange.instance

        def refuse(context: RuleContext) -> None:
            staging = instance.dictionary.extends(context.table, "sys_import_set_row")
            if context.session.importing and not staging and not context.table.startswith("sys_"):
                context.abort("a planned fault")

        # Nobody else gets in while the rule stands.
        with instance.transaction():
            rule = BusinessRule(self.rule, EVERY_TABLE, "before", INSERT_OR_UPDATE, refuse)
            instance.part(RuleBook).register((rule,), scope=SCOPE)
            try:
                return proceed()
            finally:
                instance.part(RuleBook).unregister(SCOPE)
