"""The table cleaner: records that are older than their rule in `sys_auto_flush` allows are deleted.

Source: ServiceNow documentation, table cleaner; a rule names a table, a column with a moment, and an age in seconds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

RULES = "sys_auto_flush"
MOST = 1_000  # of one table at a time; the others follow an hour later


def clean_tables(instance: Instance) -> int:
    """Delete what the active rules say is too old; return how many records. A rule that cannot be followed is left."""
    if not instance.dictionary.has(RULES):
        return 0
    return sum(_clean(instance, rule) for rule in instance.system().table(RULES).query("active=true"))


def _clean(instance: Instance, rule: Record) -> int:
    name, column, age = rule["tablename"], rule["matchfield"], rule["age"]
    seconds = whole_number(age, -1)
    if seconds < 0 or not instance.dictionary.has(name) or instance.dictionary.column(name, column) is None:
        return 0
    before = (instance.clock.now() - timedelta(seconds=seconds)).strftime(TEXT_FORMAT)
    table = instance.system().table(name)
    asked = f"{column}ISNOTEMPTY^{column}<{before}" + (f"^{rule['conditions']}" if rule["conditions"] else "")
    old = table.page(asked, limit=MOST, offset=0, count=False).records
    for record in old:
        table.delete(record.sys_id)
    return len(old)
