"""Whatever is sent into a column of any type is stored, refused, or named to the caller: nothing vanishes untold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandtable.core.platform.instance import Instance
from sandtable.core.schema.columns import Column
from sandtable.core.schema.stored_values import stored_value
from sandtable.core.values.errors import PlatformError
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("no value that is sent vanishes untold")
TABLE = "u_every_type"
TYPES = (
    *("string", "integer", "longint", "decimal", "float", "boolean", "glide_date", "glide_date_time", "due_date"),
    *("glide_time", "glide_duration", "reference", "glide_list", "choice", "journal_input", "html", "url", "email"),
    *("currency", "price", "percent_complete", "sys_class_name", "table_name", "field_name", "conditions", "script"),
    *("password", "password2", "translated_text", "phone_number_e164", "GUID", "user_roles", "json", "xml", "ip_addr"),
)
# Of columns that the platform writes itself.
SYSTEM_TYPES: tuple[str, ...] = ("timer", "date")
# What is stored in these is the very text that was sent.
PLAIN = ("string", "html", "url", "email", "script", "json", "xml", "translated_text")
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text("0123456789-+:./ TZ", max_size=25),
    st.sampled_from(
        [
            *("2026-02-30", "2026-02-28", "03/12/2021", "2021-07-15T08:00:00Z", "javascript:gs.now()", "javascript:1"),
            *("true", "yes", "-0", "1e400", "1,5", "NaN", "0x10", "admin", "NULL", "null", "9" * 30, "a\x00b", " x "),
        ]
    ),
    st.integers().map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
)


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    made = create_instance(random_seed=1)
    system = made.system()
    system.table("sys_db_object").insert({"name": TABLE, "label": "Every type"})
    for each in TYPES:
        column = {"name": TABLE, "element": f"u_{each.lower()}", "internal_type": each, "max_length": "40"}
        if each in ("reference", "glide_list"):
            column["reference"] = "sys_user"
        system.table("sys_dictionary").insert(column)
    yield made
    made.close()


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("shown", [False, True], ids=["as stored", "as shown"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_a_value_is_stored_or_refused_or_named(instance: Instance, name: str, text: str, *, shown: bool) -> None:
    column = f"u_{name.lower()}"
    session = instance.system()
    session.explanations.clear()
    with instance.ledger.collect() as notes:
        try:
            record = session.table(TABLE).insert({column: text}, input_display=shown)
        except PlatformError:
            return
    told = [*session.explanations, *map(str, notes)]
    if name.startswith("journal"):
        entries = session.table("sys_journal_field").page(
            "", limit=None, offset=0, filters={"element_id": record.sys_id}
        )
        stored = "".join(each["value"] for each in entries.records)
    else:
        stored = record[column]
    if text.strip() and stored != text and (not stored or name in PLAIN):
        assert any(column in each for each in told), (text, stored, told)


def test_each_type_of_each_table_is_tried_or_keeps_the_very_text(instance: Instance) -> None:
    used = {each.type for table in instance.dictionary.tables() for each in table.columns.values()}
    assert len(used) > 40
    texts = ["plain", "2026-02-30", "03/12/2021", "yes", "1e400", "0x10", " spaced ", "a,b^c", "javascript:1", "é\n"]
    for name in sorted(used - {*TYPES, *SYSTEM_TYPES}):
        column = Column("u_any", name, max_length=40)
        assert [stored_value(column, text) for text in texts] == texts, name
