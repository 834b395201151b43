"""Application files: records of tables that extend sys_metadata belong to an application and have an update name."""

from __future__ import annotations

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.documented(
    "ServiceNow docs, application files: sys_scope, sys_package, sys_name, sys_update_name"
)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return create_instance(random_seed=1)


def test_a_new_file_is_of_the_global_application(instance: Instance) -> None:
    made = instance.acting_as("admin").table("sys_script_include").insert({"name": "Zebra"})
    assert (made["sys_scope"], made["sys_package"], made["sys_name"]) == ("global", "global", "Zebra")
    assert made["sys_update_name"] == f"sys_script_include_{made.sys_id}"
    found = instance.acting_as("admin").table("sys_script_include").query("sys_scope.scope=global^name=Zebra")
    assert [each.sys_id for each in found] == [made.sys_id]


def test_what_the_caller_says_stays(instance: Instance) -> None:
    given = {"name": "Yak", "sys_name": "other", "sys_update_name": "mine"}
    made = instance.acting_as("admin").table("sys_script_include").insert(given)
    assert (made["sys_name"], made["sys_update_name"]) == ("other", "mine")


def test_a_renamed_file_is_called_so(instance: Instance) -> None:
    scripts = instance.acting_as("admin").table("sys_script_include")
    made = scripts.insert({"name": "Xerus"})
    renamed = scripts.update(made.sys_id, {"name": "Xerus2"})
    assert (renamed["sys_name"], renamed["sys_update_name"]) == ("Xerus2", made["sys_update_name"])
    scripts.update(made.sys_id, {"sys_name": "own"})
    assert scripts.update(made.sys_id, {"description": "x"})["sys_name"] == "own"


@pytest.mark.parametrize("table", ["sys_security_acl", "sys_data_policy2"])
def test_shipped_files_are_of_an_application(instance: Instance, table: str) -> None:
    assert instance.system().table(table).count("sys_scopeISEMPTY") == 0
