"""What becomes of a row: several maps, business rules, refusals, what is written down, and the row read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.imports.row_transform import RowTransform, TransformScript
from sandtable.core.platform.writing.rules import BusinessRule, RuleContext
from sandtable.core.values.errors import AccessDenied, RecordNotFound, ScriptError, UnknownTable

if TYPE_CHECKING:
    from tests.core.imports.conftest import Workshop

pytestmark = pytest.mark.documented("ServiceNow docs, Import Set API and import set row states")


def entry(source: str, target: str = "", **settings: object) -> dict[str, Any]:
    return {"source_field": source, "target_field": target or source, "choice_action": "ignore", **settings}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What makes Python functions run as scripts of the staging table's maps."""

    def put(**by_moment: Any) -> None:
        scripts = tuple(TransformScript("u_intake", when, run, "global") for when, run in by_moment.items())  # type: ignore[arg-type]
        monkeypatch.setattr(
            "sandtable.core.applications.application.transform_scripts", lambda instance, staging: scripts
        )

    return put


def test_each_map_gives_one_element_in_the_order_of_the_maps(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name", "name"), name="Second", target="cmn_location", order="200")
    workshop.make_map(entry("u_name"), name="First", order="50")
    workshop.make_map(entry("u_name"), name="Off", order="10", active="false")
    results = workshop.load(u_name="thing").results
    assert [(each["transform_map"], each["table"], each["status"]) for each in results] == [
        ("First", "u_asset", "inserted"),
        ("Second", "cmn_location", "inserted"),
    ]
    assert [each["display_value"] for each in results] == ["thing", "thing"]


@pytest.mark.ours("a map whose order is empty stands where the default order puts it")
def test_a_map_without_an_order(workshop: Workshop) -> None:
    for name, order in (("Late", "150"), ("Unordered", "100"), ("Early", "50")):
        workshop.make_map(entry("u_name"), name=name, order=order)
    maps = workshop.instance.system().table("sys_transform_map")
    (unordered,) = maps.query("name=Unordered")
    maps.update(unordered.sys_id, {"order": ""})
    results = workshop.load(u_name="thing").results
    assert [each["transform_map"] for each in results] == ["Early", "Unordered", "Late"]


def test_maps_are_independent_when_one_fails(workshop: Workshop) -> None:
    workshop.make_map(entry("u_owner", choice_action="reject"), name="Bad", order="1")
    workshop.make_map(entry("u_name"), name="Good", order="2")
    results = workshop.load(u_name="x", u_owner="Nobody Here").results
    assert [each["status"] for each in results] == ["error", "inserted"]
    runs = workshop.instance.system().table("sys_import_set_run").query("ORDERBYsys_created_on")
    assert [(run["state"], run["total"], run["inserts"], run["errors"]) for run in runs] == [
        ("complete_with_errors", "1", "0", "1"),
        ("complete", "1", "1", "0"),
    ]


@pytest.mark.ours("what a row has written can be taken back for as long as the row takes, and no longer")
@pytest.mark.parametrize("owner, status", [("", "inserted"), ("Nobody Here", "error")])
def test_a_row_leaves_no_mark_in_the_store(workshop: Workshop, owner: str, status: str) -> None:
    workshop.make_map(entry("u_owner", choice_action="reject"), entry("u_name"))
    store = workshop.instance.store
    before = len(store._marks)
    assert [each["status"] for each in workshop.load(u_name="x", u_owner=owner).results] == [status]
    assert len(store._marks) == before


@pytest.mark.parametrize("runs, noted", [("true", "seen"), ("false", "")])
def test_business_rules_run_when_the_map_says(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, runs: str, noted: str
) -> None:
    def see(context: RuleContext) -> None:
        context.current["u_code"] = "seen"

    rule = BusinessRule("See", "u_asset", "before", frozenset({"insert"}), see)
    workshop.instance.rules.register([rule])
    workshop.make_map(entry("u_name"), run_business_rules=runs)
    workshop.outcome(u_name="x")
    assert [asset["u_code"] for asset in workshop.assets()] == [noted]


def test_an_abort_of_a_business_rule_is_the_error_of_the_row(workshop: Workshop) -> None:
    system = workshop.instance.system()
    rule = system.table("sys_script").insert(
        {
            "name": "Not today",
            "collection": "u_asset",
            "when": "before",
            "action_insert": "true",
            "abort_action": "true",
            "active": "true",
        }
    )
    workshop.make_map(entry("u_name"))
    result = workshop.load(u_name="x")
    (element,) = result.results
    assert element["status"] == "error"
    assert element["error_message"] == (
        f"Operation against file 'u_asset' was aborted by Business Rule 'Not today^{rule.sys_id}'. "
        "Business Rule Stack:Not today"
    )
    row = workshop.row(result)
    assert (row["sys_import_state"], row["sys_import_state_comment"]) == ("error", element["error_message"])
    assert (row["sys_target_sys_id"], workshop.assets()) == ("", [])
    assert workshop.errors() == [("900", "", "")]
    assert system.table("sys_import_set_row_error").get(row["sys_row_error"])["error_message"]


@pytest.mark.parametrize("applies, status", [("true", "error"), ("false", "inserted")])
def test_a_data_policy_asks_import_sets_unless_it_spares_them(workshop: Workshop, applies: str, status: str) -> None:
    system = workshop.instance.system()
    policy = system.table("sys_data_policy2").insert(
        {
            "short_description": "Codes",
            "model_table": "u_asset",
            "active": "true",
            "apply_import_set": applies,
            "conditions": "u_nameSTARTSWITHx",
        }
    )
    system.table("sys_data_policy_rule").insert(
        {"sys_data_policy": policy.sys_id, "table": "u_asset", "field": "u_code", "mandatory": "true"}
    )
    workshop.make_map(entry("u_name"))
    outcome = workshop.outcome(u_name="x")
    assert outcome["status"] == status
    if status == "error":
        assert outcome["error_message"].endswith("The following fields are mandatory: Code")
    assert workshop.outcome(u_name="other")["status"] == "inserted"


def test_the_target_is_written_whatever_the_loader_may_do_there(workshop: Workshop) -> None:
    system = workshop.instance.system()
    workshop.loader = workshop.instance.acting_as("elastic.integration")
    role = system.table("sys_user_role").query("name=import_set_loader")[0]
    for operation in ("create", "read"):
        rule = system.table("sys_security_acl").insert({"name": "u_intake", "operation": operation, "type": "record"})
        system.table("sys_security_acl_role").insert({"sys_security_acl": rule.sys_id, "sys_user_role": role.sys_id})
    workshop.make_map(entry("u_name"))
    element = workshop.outcome(u_name="x")
    (asset,) = workshop.assets()
    assert (element["status"], element["sys_id"], asset["sys_created_by"]) == (
        "inserted",
        asset.sys_id,
        "elastic.integration",
    )
    # The loader may not read the target: it is named, not shown.
    assert (element["display_value"], "display_name" in element) == ("", False)


# scripts -------------------------------------------------------------------------------------------------------------


@pytest.mark.recorded("a captured answer of the Import Set API whose onBefore script ignored the row")
def test_a_script_that_ignores_a_row(workshop: Workshop, script: Any) -> None:
    script(onBefore=lambda row: setattr(row, "ignore", True))
    workshop.make_map(entry("u_name"), name="DFE Users Import TM", target="sys_user")
    assert workshop.outcome(u_name="x") == {
        "transform_map": "DFE Users Import TM",
        "table": "sys_user",
        "status": "error",
        "error_message": "Target record not found",
        "status_message": "Row transform ignored by onBefore script",
    }


def test_what_a_script_puts_into_response_is_in_the_answer(workshop: Workshop, script: Any) -> None:
    def run(row: RowTransform) -> None:
        row.response["foo"] = "bar"
        row.status_message = f"about to {row.action}"
        row.target["u_note"] = row.source["u_name"].upper()

    script(onBefore=run)
    workshop.make_map(entry("u_name"))
    element = workshop.outcome(u_name="x")
    assert (element["foo"], element["status_message"]) == ("bar", "about to insert")
    assert [asset["u_note"] for asset in workshop.assets()] == ["X"]


@pytest.mark.parametrize("when, status", [("onStart", "error"), ("onBefore", "error"), ("onAfter", "error")])
@pytest.mark.ours("a row whose script fails leaves nothing behind in the target tables")
def test_a_script_that_fails(workshop: Workshop, script: Any, when: str, status: str) -> None:
    def run(row: RowTransform) -> None:
        row.session.table("cmn_location").insert({"name": "Halfway"})
        raise ScriptError("It broke")

    script(**{when: run})
    workshop.make_map(entry("u_name"))
    result = workshop.load(u_name="x")
    (element,) = result.results
    assert (element["status"], element["error_message"]) == (status, "It broke")
    assert (workshop.assets(), workshop.instance.system().table("cmn_location").count("name=Halfway")) == ([], 0)
    assert (workshop.row(result)["sys_import_state"], workshop.errors()) == ("error", [("900", "", "")])


@pytest.mark.assumed("a script that runs when all is decided can no longer change what became of the row")
@pytest.mark.parametrize("when, owner, status", [("onComplete", "", "inserted"), ("onReject", "Nobody Here", "error")])
def test_a_script_that_fails_afterwards(workshop: Workshop, script: Any, when: str, owner: str, status: str) -> None:
    def run(row: RowTransform) -> None:
        row.session.table("cmn_location").insert({"name": "Halfway"})
        raise ScriptError("It broke")

    script(**{when: run})
    workshop.make_map(entry("u_name"), entry("u_owner", choice_action="reject"))
    assert workshop.outcome(u_name="x", u_owner=owner)["status"] == status
    assert len(workshop.assets()) == (status == "inserted")
    system = workshop.instance.system()
    assert system.table("cmn_location").count("name=Halfway") == 0
    assert system.table("syslog").count(f"message={when}: It broke^level=2") == 1


# what is no staging table, no map ------------------------------------------------------------------------------------


@pytest.mark.recorded("error texts of the Import Set API seen in the field")
def test_a_table_that_is_no_staging_table(workshop: Workshop) -> None:
    for name in ("incident", "sys_import_set_row"):
        result = workshop.load(name)
        assert (result.results, result.import_set) == (
            [{"status": "error", "error_message": "Invalid staging table"}],
            "",
        )
    with pytest.raises(UnknownTable):
        workshop.load("nosuch")


@pytest.mark.recorded("error texts of the Import Set API seen in the field")
def test_a_map_to_a_table_that_does_not_exist(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name"), target="u_gone")
    element = workshop.outcome(u_name="x")
    assert (element["status"], element["error_message"], element["table"]) == ("error", "Invalid table", "u_gone")


@pytest.mark.assumed("no hard source says what a staging table without a map answers, so a property does")
@pytest.mark.parametrize("setting, count", [("", 0), ("empty", 0), ("error", 1)])
def test_a_staging_table_without_a_map(workshop: Workshop, setting: str, count: int) -> None:
    if setting:
        workshop.instance.set_property("sandtable.import.no_map", setting)
    result = workshop.load(u_name="x")
    again = ImportSets(workshop.instance).read_row(workshop.loader, "u_intake", result.row_sys_id)
    for results in (result.results, again.results):
        assert [each["status"] for each in results] == ["error"] * count
        assert all("No transform entry" in each["error_message"] for each in results)
    assert workshop.row(result)["sys_import_state"] == "error"


# the row, and the row read again -------------------------------------------------------------------------------------


def test_unknown_and_system_columns_of_a_row_are_not_taken(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name"))
    result = workshop.load(
        u_name="x", u_nosuch="y", sys_import_state="error", sys_target_sys_id="f" * 32, sys_id="e" * 32
    )
    row = workshop.row(result)
    assert (row["sys_import_state"], result.row_sys_id != "e" * 32) == ("inserted", True)
    assert row["sys_target_sys_id"] == result.results[0]["sys_id"]
    assert workshop.instance.dictionary.column("u_intake", "u_nosuch") is None


@pytest.mark.parametrize(
    "setting, made", [("", False), ("false", False), ("true", True)], ids=["unset", "off", "dynamic"]
)
def test_unknown_keys_make_columns_only_when_the_property_says(workshop: Workshop, setting: str, made: bool) -> None:
    if setting:
        workshop.instance.set_property("glide.import_set_row.dynamically_add_fields", setting)
    result = workshop.load(u_extra="y", other="z")
    column = workshop.instance.dictionary.column("u_intake", "u_extra")
    assert (column is not None) == made
    if column is not None:
        assert (column.type, column.max_length, workshop.row(result)["u_extra"]) == ("string", 40, "y")
        assert workshop.load(u_extra="again").row_sys_id
    assert workshop.instance.dictionary.column("u_intake", "other") is None


@pytest.mark.ours("a key that is no column name makes no column, and no error")
@pytest.mark.parametrize("key", ["u_EXTRA", "u_NAME", "u_é", "u_a b", "u_", "u_x;drop", 'u_"', "u_" + "x" * 200])
def test_odd_keys_make_no_columns(workshop: Workshop, key: str) -> None:
    workshop.instance.set_property("glide.import_set_row.dynamically_add_fields", "true")
    before = set(workshop.instance.dictionary.columns("u_intake"))
    assert workshop.load(**{"u_name": "x", key: "y"}).row_sys_id
    assert set(workshop.instance.dictionary.columns("u_intake")) == before


@pytest.mark.parametrize(
    "row, status", [({"u_code": "1", "u_name": "n"}, "inserted"), ({}, "error"), ({"u_code": "0"}, "ignored")]
)
def test_a_row_read_again_says_the_same(workshop: Workshop, row: dict[str, str], status: str) -> None:
    workshop.asset(u_code="0", u_name="there")
    workshop.make_map(entry("u_code", coalesce="true"), entry("u_name"))
    result = workshop.load(**row)
    again = ImportSets(workshop.instance).read_row(workshop.loader, "u_intake", result.row_sys_id)
    assert again == result
    assert result.results[0]["status"] == status


def test_an_error_row_read_again_says_the_same(workshop: Workshop) -> None:
    workshop.make_map(entry("u_owner", choice_action="reject"))
    result = workshop.load(u_owner="Nobody Here")
    again = ImportSets(workshop.instance).read_row(workshop.loader, "u_intake", result.row_sys_id)
    assert again == result
    assert result.results[0]["error_message"].startswith("Reference rejected")


def test_a_row_that_cannot_be_read(workshop: Workshop) -> None:
    workshop.make_map(entry("u_name"))
    result = workshop.load(u_name="x")
    imports = ImportSets(workshop.instance)
    for session, table, sys_id in (
        (workshop.loader, "u_intake", "f" * 32),
        (workshop.loader, "imp_user", result.row_sys_id),
        (workshop.loader, "incident", result.row_sys_id),
        (workshop.instance.acting_as("abel.tuter"), "u_intake", result.row_sys_id),
    ):
        with pytest.raises(RecordNotFound):
            imports.read_row(session, table, sys_id)


# who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.recorded("KB0813223 and KB0791757: without import_transformer the target is made, and the answer fails")
@pytest.mark.parametrize(
    "roles, setting, loaded, transformed",
    [
        (("import_set_loader", "import_transformer"), "403", True, True),
        (("import_admin",), "403", True, True),
        (("import_set_loader",), "403", True, True),
        (("import_transformer",), "403", False, False),
        ((), "403", False, False),
        (("import_set_loader",), "empty", True, True),
        (("import_transformer",), "empty", False, False),
        ((), "empty", False, False),
    ],
)
def test_import_roles(
    workshop: Workshop, roles: tuple[str, ...], setting: str, loaded: bool, transformed: bool
) -> None:
    system = workshop.instance.system()
    workshop.instance.set_property("sandtable.import.missing_role", setting)
    system.table("sys_security_acl").insert(
        {"name": "u_intake", "operation": "create", "type": "record", "security_attribute": "UserIsAuthenticated"}
    )
    user = system.table("sys_user").insert({"user_name": "robot"})
    for name in roles:
        role = system.table("sys_user_role").query(f"name={name}")[0]
        system.table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
    workshop.loader = workshop.instance.acting_as("robot")
    workshop.make_map(entry("u_name"))
    if setting == "403" and not transformed:
        with pytest.raises(AccessDenied, match="ACL Exception Insert Failed"):
            workshop.load(u_name="x")
    else:
        result = workshop.load(u_name="x")
        told = transformed and roles != ("import_set_loader",)
        assert (bool(result.row_sys_id), len(result.results)) == (loaded, int(told))
        assert result.failed is (transformed and not told)
    rows = system.table("u_intake").query()
    assert [row["sys_import_state"] for row in rows] == (["inserted" if transformed else "pending"] if loaded else [])
    assert len(workshop.assets()) == transformed
    assert system.table("sys_import_set").count() == loaded


@pytest.mark.parametrize("setting, made", [("error", True), ("empty", True), ("403", False)])
@pytest.mark.recorded("KB0791757 and KB0813223: what a caller without import_transformer is told differs")
def test_the_answer_without_import_transformer(workshop: Workshop, setting: str, made: bool) -> None:
    system = workshop.instance.system()
    workshop.instance.set_property("sandtable.import.missing_transformer", setting)
    system.table("sys_security_acl").insert(
        {"name": "u_intake", "operation": "create", "type": "record", "security_attribute": "UserIsAuthenticated"}
    )
    user = system.table("sys_user").insert({"user_name": "robot"})
    role = system.table("sys_user_role").query("name=import_set_loader")[0]
    system.table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
    workshop.loader = workshop.instance.acting_as("robot")
    workshop.make_map(entry("u_name"))
    if made:
        result = workshop.load(u_name="x")
        assert (result.results, result.failed) == ([], setting == "error")
    else:
        with pytest.raises(AccessDenied):
            workshop.load(u_name="x")
    assert len(workshop.assets()) == made


def test_a_staging_table_closed_to_the_caller(workshop: Workshop) -> None:
    workshop.instance.system().table("sys_security_acl").insert(
        {"name": "u_intake", "operation": "create", "type": "record", "active": "true"}
    )
    workshop.loader = workshop.instance.acting_as("elastic.integration")
    with pytest.raises(AccessDenied):
        workshop.load(u_name="x")
    assert workshop.instance.system().table("sys_import_set").count() == 0


@pytest.mark.parametrize("listens", ["nobody", "a rule", "a declared rule", "the audit"])
@pytest.mark.ours("what becomes of a row is written the same way, and told to whoever listens")
def test_what_became_of_a_row_is_told_to_those_who_listen(workshop: Workshop, listens: str) -> None:
    workshop.make_map(entry("u_name"))
    instance = workshop.instance
    system = instance.system()
    if listens == "a rule":

        def hear(context: RuleContext) -> None:
            context.current["u_note"] = "heard"

        instance.rules.register([BusinessRule("Hear", "u_intake", "before", frozenset({"update"}), hear)])
    elif listens == "a declared rule":
        rule = {"collection": "u_intake", "active": "true", "when": "before", "action_update": "true", "name": "Hear"}
        system.table("sys_script").insert({**rule, "template": "u_note=heard"})
    elif listens == "the audit":
        collection = {"name": "u_intake", "internal_type": "collection", "audit": "true"}
        system.table("sys_dictionary").insert(collection)
    row = workshop.row(workshop.load(u_name="n"))
    assert (row["sys_import_state"], row["sys_mod_count"], row["sys_updated_by"]) == (
        "inserted",
        "1",
        workshop.loader.user_name,
    )
    assert row["u_note"] == ("heard" if "rule" in listens else "")
    audited = system.table("sys_audit").query("tablename=u_intake^fieldname=sys_import_state")
    assert len(audited) == (listens == "the audit")
