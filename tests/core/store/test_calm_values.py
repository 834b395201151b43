"""What is remembered of settings is not even compared while requests write records; what hangs on records is."""

from __future__ import annotations

from contextlib import closing

import pytest

from sandtable.core.store.row import BUSY
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("what is worked out from records is never older than they are")


def test_what_is_remembered_follows_its_tables_and_no_others() -> None:
    with closing(create_instance(random_seed=1)) as instance:
        incidents, properties = instance.system().table("incident"), instance.system().table("sys_properties")
        calm = instance.store.calm

        def seen() -> tuple[int, int, int]:
            return (
                instance.cached("incidents", ("incident",), incidents.count),
                instance.cached("settings", ("sys_properties",), properties.count),
                instance.cached("both", ("sys_properties", "incident"), lambda: incidents.count() + properties.count()),
            )

        first = seen()
        made = incidents.insert({"short_description": "one more"})
        assert instance.store.calm == calm
        assert seen() == (first[0] + 1, first[1], first[2] + 1)
        properties.insert({"name": "one.more"})
        assert instance.store.calm != calm
        assert seen() == (first[0] + 1, first[1] + 1, first[2] + 2)
        with pytest.raises(ZeroDivisionError), instance.transaction():
            incidents.delete(made.sys_id)
            properties.insert({"name": "taken.back"})
            assert seen() == (first[0], first[1] + 2, first[2] + 2)
            raise ZeroDivisionError
        assert seen() == (first[0] + 1, first[1] + 1, first[2] + 2)


def test_busy_tables_are_roots() -> None:
    with closing(create_instance(random_seed=1)) as instance:
        assert {root for root in BUSY if instance.dictionary.root(root) != root} == set()
