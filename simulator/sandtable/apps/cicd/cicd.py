"""The CI/CD API: progress of what was started, update sets, the application repository, plugins, test suites.

Source: ServiceNow documentation, CI/CD API and CI/CD Update Set API. What an instance does at once here is done when
the call that starts it is answered; its tracker says so from the first look on.
"""

from __future__ import annotations

from typing import Any

from sandtable.apps.cicd import cicd_applications as applications
from sandtable.apps.cicd import cicd_update_sets as update_sets
from sandtable.apps.cicd.cicd_tracking import BASE, TRACKERS, shown
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import RecordNotFound

SCOPE = "sn_cicd"
SERVICE = "CICD [sn_cicd]"
ROLES = ("sn_cicd.sys_ci_automation", "admin")


def progress(request: ScriptRequest) -> dict[str, Any]:
    """Say how far something is that was started. Raises RecordNotFound."""
    found = request.session.without_access_control().table(TRACKERS).find(request.path_parameters["id"])
    if found is None:
        raise RecordNotFound
    return shown(request, found)


RESOURCES = (
    ("GET", "/progress/{id}", progress),
    ("POST", "/update_set/create", update_sets.create),
    ("POST", "/update_set/retrieve", update_sets.retrieve),
    ("POST", "/update_set/preview/{remote_id}", update_sets.preview_set),
    ("POST", "/update_set/commit/{remote_id}", update_sets.commit_set),
    ("POST", "/update_set/commitMultiple", update_sets.commit_sets),
    ("POST", "/update_set/back_out", update_sets.back_out_set),
    ("POST", "/app_repo/install", applications.install),
    ("POST", "/app_repo/publish", applications.publish),
    ("POST", "/app_repo/rollback", applications.roll_back),
    ("POST", "/app/batch/install", applications.install_batch),
    ("GET", "/app/batch/results/{id}", applications.batch_results),
    ("POST", "/app/batch/rollback/{id}", applications.roll_back_batch),
    ("POST", "/plugin/{id}/activate", applications.activate_plugin),
    ("POST", "/plugin/{id}/rollback", applications.roll_back_plugin),
    ("POST", "/testsuite/run", applications.run_suite),
    ("GET", "/testsuite/results/{id}", applications.suite_results),
    ("POST", "/sc/apply_changes", applications.inactive),
    ("POST", "/sc/apply_stash/{id}", applications.inactive),
    ("POST", "/sc/import", applications.inactive),
    ("POST", "/instance_scan/full_scan", applications.inactive),
    ("POST", "/instance_scan/point_scan", applications.inactive),
    ("POST", "/instance_scan/suite_scan/combo/{id}", applications.inactive),
    ("POST", "/instance_scan/suite_scan/{id}/scoped_apps", applications.inactive),
    ("POST", "/instance_scan/suite_scan/{id}/update_sets", applications.inactive),
)

APPLICATION = Application(
    scope=SCOPE,
    name="CI/CD API",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Progress of installations; update sets, applications, plugins and test suites from a pipeline",
    resources=tuple(
        Resource(method, f"{BASE}{path}", script, roles=ROLES, scope="global", service=SERVICE)
        for method, path, script in RESOURCES
    ),
)
