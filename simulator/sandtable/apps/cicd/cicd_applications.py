"""The CI/CD API's part for applications and plugins: the application repository, batches, activation, test suites.

The repository is the instance's own: what is published here can be installed here, in each version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.apps.cicd.cicd_tracking import (
    Done,
    WorkFailed,
    asked,
    link,
    missing,
    not_found,
    start,
    system_of,
)
from sandtable.core.applications.scripted_resources import ScriptRequest, ScriptResponse, failure
from sandtable.packages import repository
from sandtable.packages.records import PackageError

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

SCOPES, PLUGINS = "sys_scope", "sys_plugins"
PLANS, ITEMS = "sys_batch_install_plan", "sys_batch_install_item"
SUITES, SUITE_TESTS, TESTS = "sys_atf_test_suite", "sys_atf_test_suite_test", "sys_atf_test"
SUITE_RESULTS, TEST_RESULTS = "sys_atf_test_suite_result", "sys_atf_test_result"
OUTCOME, OUTCOMES = "sandtable.cicd.test_outcome", ("skipped", "success", "failure", "error")
COUNTS = {"success": "success_count", "failure": "failure_count", "error": "error_count", "skipped": "skip_count"}
INSTALLED, BATCH_FAILED, PARTIAL, ROLLED_BACK = "Installed", "Failed", "Partial Install", "Rolled Back"
Answer = ScriptResponse | dict[str, Any]


# application repository ----------------------------------------------------------------------------------------------


def publish(request: ScriptRequest) -> Answer:
    """Put an application as it is now into the repository; without `version` its last number is raised by one."""
    wanted, found = _application(request)
    if not wanted:
        return missing("sys_id or scope")
    if found is None:
        return not_found(f"There is no application {wanted}")
    version = asked(request, "version")

    def work() -> Done:
        try:
            made = repository.publish(system_of(request), found, version, asked(request, "dev_notes"))
        except PackageError as error:
            raise WorkFailed(error.why) from None
        return Done(source=(found.table, found.sys_id), detail=f"Published {found['scope']} {made['version']}")

    return start(request, f"Publish {found['scope']}", work)


def install(request: ScriptRequest) -> Answer:
    """Install an application from the repository: a version, or the newest."""
    wanted, found = _application(request)
    if not wanted:
        return missing("sys_id or scope")
    version = asked(request, "version")
    chosen = repository.version_of(system_of(request), wanted, version)
    if chosen is None:
        return not_found(
            f"The application repository has no {wanted}{f' {version}' if version else ''}; publish it first"
        )
    before = found["version"] if found is not None else ""
    return start(
        request, f"Install {chosen['scope']}", lambda: _installed(request, chosen, {"rollback_version": before})
    )


def roll_back(request: ScriptRequest) -> Answer:
    """Put the version back that an application had before its last installation, which must be the one expected."""
    wanted, found = _application(request)
    version = asked(request, "version")
    if not wanted or not version:
        return missing("version" if wanted else "sys_id or scope")
    if found is None:
        return not_found(f"There is no application {wanted}")

    def work() -> Done:
        expected = repository.version_before(system_of(request), found)
        if expected != version:
            told = f"goes back to {expected}" if expected else "has no earlier version"
            raise WorkFailed(f"Expected rollback version {version} does not match: {found['scope']} {told}")
        chosen = repository.version_of(system_of(request), found.sys_id, version)
        if chosen is None:
            raise WorkFailed(f"Version {version} of {found['scope']} is not kept")
        return _installed(request, chosen, {})

    return start(request, f"Roll back {found['scope']}", work)


def _installed(request: ScriptRequest, chosen: Record, more: dict[str, Any]) -> Done:
    try:
        report = repository.install_version(request.session.instance, chosen)
    except PackageError as error:
        raise WorkFailed(str(error)) from None
    return Done(source=("sys_app", chosen["source_app_id"]), detail="\n".join(report.lines()), more=more)


def _application(request: ScriptRequest) -> tuple[str, Record | None]:
    rows = system_of(request).table(SCOPES)
    sys_id = asked(request, "sys_id") or asked(request, "app_sys_id")
    scope = asked(request, "scope") or asked(request, "app_scope")
    found = rows.find(sys_id) if sys_id else rows.first(filters={"scope": scope}) if scope else None
    return sys_id or scope, found


# batches -------------------------------------------------------------------------------------------------------------


def install_batch(request: ScriptRequest) -> Answer:
    """Install several packages; one that fails does not keep the others out."""
    body = request.body if isinstance(request.body, dict) else {}
    packages = body.get("packages")
    if not body.get("name"):
        return missing("name")
    if not isinstance(packages, list) or not packages or not all(isinstance(each, dict) for each in packages):
        return missing("packages")
    system = system_of(request)
    plan = system.table(PLANS).insert({"name": str(body["name"]), "notes": str(body.get("notes") or "")})

    def work() -> Done:
        states = [_install_item(request, plan, each) for each in packages]
        done = states.count(INSTALLED)
        state = INSTALLED if done == len(states) else PARTIAL if done else BATCH_FAILED
        system.table(PLANS).update(plan.sys_id, {"state": state})
        results = ("app/batch/results", plan.sys_id)
        links = {
            "results": link(request, *results),
            "rollback": {"id": plan.sys_id},
        }
        return Done(message=state, results=results, more={"links": links}, failed=not done)

    return start(request, f"Batch {plan['name']}", work)


def _install_item(request: ScriptRequest, plan: Record, given: dict[str, Any]) -> str:
    system = system_of(request)
    wanted, kind = str(given.get("id") or ""), str(given.get("type") or "")
    version, state, message = str(given.get("requested_version") or ""), INSTALLED, ""
    name, before = wanted, ""
    if kind == "application":
        present = system.table(SCOPES).find(wanted)
        before = present["version"] if present is not None else ""
        chosen = repository.version_of(system, wanted, version) if version else None
        if chosen is None:
            state, message = BATCH_FAILED, f"The application repository has no {wanted} {version}".rstrip()
        else:
            name = chosen["name"]
            try:
                repository.install_version(request.session.instance, chosen)
            except PackageError as error:
                state, message = BATCH_FAILED, str(error)
    elif kind == "plugin":
        plugin = _plugin(request, wanted)
        if plugin is None:
            state, message = BATCH_FAILED, f"There is no plugin {wanted}"
        else:
            name, version = plugin["name"], plugin["version"]
            system.table(PLUGINS).update(plugin.sys_id, {"active": "true"})
    else:
        state, message = BATCH_FAILED, f"type is {kind or 'missing'}, which is neither application nor plugin"
    values = {"batch_install_plan": plan.sys_id, "package_id": wanted, "name": name, "type": kind, "version": version}
    more = {
        "state": state,
        "status_message": message,
        "notes": str(given.get("notes") or ""),
        "rollback_version": before,
    }
    date = request.session.instance.clock.text() if state == INSTALLED else ""
    system.table(ITEMS).insert({**values, **more, "install_date": date})
    return state


def batch_results(request: ScriptRequest) -> Answer:
    """Say what came of each package of a batch."""
    system = system_of(request)
    plan = system.table(PLANS).find(request.path_parameters["id"])
    if plan is None:
        return not_found(f"There is no batch {request.path_parameters['id']}")
    base = request.session.instance.base_url
    shown = ("name", "type", "version", "state", "status_message", "install_date", "notes")
    items = [
        {
            "id": each["package_id"],
            **{name: each[name] for name in shown},
            "customization_version": "",
            "url": f"{base}/{ITEMS}.do?sys_id={each.sys_id}",
        }
        for each in system.table(ITEMS).query(f"batch_install_plan={plan.sys_id}^ORDERBYsys_created_on")
    ]
    about = {"id": plan.sys_id, **{name: plan[name] for name in ("name", "notes", "state")}}
    return {
        "batch_items": items,
        "batch_plan": {**about, "url": f"{base}/{PLANS}.do?sys_id={plan.sys_id}"},
        "error": "",
    }


def roll_back_batch(request: ScriptRequest) -> Answer:
    """Put every application of a batch back to its version from before."""
    system = system_of(request)
    plan = system.table(PLANS).find(request.path_parameters["id"])
    if plan is None:
        return not_found(f"There is no batch {request.path_parameters['id']}")

    def work() -> Done:
        for item in system.table(ITEMS).query(f"batch_install_plan={plan.sys_id}^state={INSTALLED}"):
            before = item["rollback_version"]
            if item["type"] == "application":
                chosen = repository.version_of(system, item["package_id"], before) if before else None
                if chosen is None:
                    raise WorkFailed(f"{item['name']} has no version to go back to")
                repository.install_version(request.session.instance, chosen)
            system.table(ITEMS).update(item.sys_id, {"state": ROLLED_BACK})
        system.table(PLANS).update(plan.sys_id, {"state": ROLLED_BACK})
        return Done(message=ROLLED_BACK, results=("app/batch/results", plan.sys_id))

    return start(request, f"Roll back {plan['name']}", work)


# plugins -------------------------------------------------------------------------------------------------------------


def activate_plugin(request: ScriptRequest) -> Answer:
    """Activate a plugin, by its id or sys_id."""
    plugin = _plugin(request, request.path_parameters["id"])
    if plugin is None:
        return not_found(f"There is no plugin {request.path_parameters['id']}")

    def work() -> Done:
        system_of(request).table(PLUGINS).update(plugin.sys_id, {"active": "true"})
        return Done(source=(PLUGINS, plugin.sys_id), detail=f"{plugin['name']} is active")

    return start(request, f"Activate {plugin['name']}", work)


def roll_back_plugin(request: ScriptRequest) -> Answer:
    """Say that a plugin has no earlier version: each is there in one."""
    plugin = _plugin(request, request.path_parameters["id"])
    if plugin is None:
        return not_found(f"There is no plugin {request.path_parameters['id']}")

    def work() -> Done:
        raise WorkFailed(f"{plugin['name']} has no earlier version to go back to")

    return start(request, f"Roll back {plugin['name']}", work)


def _plugin(request: ScriptRequest, wanted: str) -> Record | None:
    rows = system_of(request).table(PLUGINS)
    return rows.find(wanted) or rows.first(filters={"source": wanted})


# test suites ---------------------------------------------------------------------------------------------------------


def run_suite(request: ScriptRequest) -> Answer:
    """Enter the results of a test suite. Steps are not run: each test ends as the switch says, which is skipped."""
    system = system_of(request)
    sys_id, name = asked(request, "test_suite_sys_id"), asked(request, "test_suite_name")
    if not sys_id and not name:
        return missing("test_suite_sys_id or test_suite_name")
    found = [system.table(SUITES).find(sys_id)] if sys_id else system.table(SUITES).query(f"name={name}")
    suites = [each for each in found if each is not None]
    if not suites:
        return not_found(f"There is no test suite {sys_id or name}")
    if len(suites) > 1:
        return failure(409, "Conflict", f"{len(suites)} test suites are called {name}")
    outcome = request.session.instance.property(OUTCOME, OUTCOMES[0])

    def work() -> Done:
        result = _suite_result(request, suites[0], outcome, "")
        if outcome == OUTCOMES[0]:
            request.session.instance.ledger.note("application", "sn_cicd testsuite/run", "steps of tests are not run")
        told = {"success": "Suite passed", "skipped": "Suite skipped"}.get(outcome, "Suite failed")
        failed = outcome in ("failure", "error")
        return Done(told, told, results=("testsuite/results", result.sys_id), failed=failed)

    return start(request, f"Run {suites[0]['name']}", work)


def _suite_result(request: ScriptRequest, suite: Record, outcome: str, parent: str) -> Record:
    system, now = system_of(request), request.session.instance.clock.text()
    tests = system.table(SUITE_TESTS).query(f"test_suite={suite.sys_id}^ORDERBYorder")
    values = {"test_suite": suite.sys_id, "test_suite_name": suite["name"], "parent": parent, "status": outcome}
    counts = {
        COUNTS.get(outcome, "skip_count"): str(len(tests)),
        "success": "true" if outcome == "success" else "false",
    }
    made = system.table(SUITE_RESULTS).insert({**values, **counts, "start_time": now, "end_time": now})
    for each in tests:
        test = system.table(TESTS).find(each["test"])
        named = test["name"] if test is not None else each["test"]
        system.table(TEST_RESULTS).insert(
            {"test": each["test"], "test_name": named, "parent": made.sys_id, "status": outcome, "start_time": now}
        )
    for child in system.table(SUITES).query(f"parent={suite.sys_id}"):
        _suite_result(request, child, outcome, made.sys_id)
    return made


def suite_results(request: ScriptRequest) -> Answer:
    """Return the results of a test suite, with those of the suites in it."""
    found = system_of(request).table(SUITE_RESULTS).find(request.path_parameters["id"])
    return (
        not_found(f"There are no results {request.path_parameters['id']}") if found is None else _shown(request, found)
    )


def _shown(request: ScriptRequest, result: Record) -> dict[str, Any]:
    children = system_of(request).table(SUITE_RESULTS).query(f"parent={result.sys_id}")
    below = [_shown(request, each) for each in children]
    sums = {
        f"rolledup_test_{kind}_count": int(result[column] or 0)
        + sum(each[f"rolledup_test_{kind}_count"] for each in below)
        for kind, column in (
            ("success", "success_count"),
            ("failure", "failure_count"),
            ("error", "error_count"),
            ("skip", "skip_count"),
        )
    }
    url = f"{request.session.instance.base_url}/{SUITE_RESULTS}.do?sys_id={result.sys_id}"
    return {
        "links": {"results": {"id": result.sys_id, "url": url}},
        "status": "2",
        "status_label": "Successful",
        "status_message": "",
        "status_detail": "",
        "error": "",
        "test_suite_status": result["status"],
        "test_suite_duration": "0 Seconds",
        **sums,
        "test_suite_name": result["test_suite_name"],
        "child_suite_results": below,
    }


# what is not connected -----------------------------------------------------------------------------------------------


def inactive(request: ScriptRequest) -> Answer:
    """Say that a functionality is inactive: no source control and no scan is connected."""
    request.session.instance.ledger.note("application", "sn_cicd", "source control and instance scans are not there")
    wanted, found = _application(request)
    if wanted and found is None:
        return not_found(f"There is no application {wanted}")
    detail = "The functionality is inactive: no source control is connected; load an application's folder instead"
    return failure(405, "Method not supported", detail)
