"""The requests of the vendor's SDK, in its order: sign-in, installation, progress, download, removal."""

from __future__ import annotations

import io
import zipfile

import pytest
from tests.packages.conftest import APP_ID, element, table_records, update

from sandtable import mock_servicenow
from sandtable.packages.contents import read_archive

pytestmark = pytest.mark.documented(
    "the published package @servicenow/sdk 4.9.0: requests and what it reads of answers"
)
SCOPE = "x_acme_app"


def archive() -> bytes:
    app = {"sys_id": APP_ID, "scope": SCOPE, "name": "Acme", "version": "1.0.0"}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(f"/scope/sys_app_{APP_ID}.xml", update(element("sys_app", app), "sys_app"))
        for name, payload in table_records("x_acme_app_thing"):
            owned = payload.replace("<name>", f"<sys_scope>{APP_ID}</sys_scope><name>", 1)
            packed.writestr(f"/update/{name}.xml", owned)
    return stream.getvalue()


def test_an_application_goes_in_is_handed_out_and_goes_away() -> None:
    with mock_servicenow() as servicenow:
        import requests

        url, client = servicenow.url, requests.Session()
        wrong = client.post(
            f"{url}/angular.do?sysparm_type=view_form.login", data={"user_name": "admin", "user_password": "no"}
        )
        assert (wrong.status_code, wrong.json()["status"]) == (200, "error")
        login = {"sysparm_type": "login", "user_name": "admin", "user_password": "admin"}
        assert client.post(f"{url}/angular.do?sysparm_type=view_form.login", data=login).json() == {"status": "success"}
        told = client.post(f"{url}/angular.do?sysparm_type=get_user")
        assert told.status_code == 401
        token = told.headers["X-UserToken-Response"]
        upload = f"{url}/sn_appclient_upload_processor.do?sysparm_fluent_scope_name={SCOPE}"
        form = {"upload_type": "file", "load_demo": "true"}
        forged = client.post(upload, data=form, files={"attachFile": ("blob", archive())})
        assert forged.status_code == 401
        done = client.post(upload, data={**form, "sysparm_ck": token}, files={"attachFile": ("blob", archive())})
        assert done.headers["Content-Type"].startswith("application/json")
        progress = client.get(f"{url}/api/sn_cicd/progress/{done.json()['executionTracker']}").json()["result"]
        assert (progress["status"], progress["status_message"], progress["percent_complete"]) == ("2", "", 100)
        history = client.get(f"{url}/api/now/table/sys_upgrade_history?sysparm_query=to_version={SCOPE}").json()[
            "result"
        ]
        assert [bool(row["upgrade_finished"]) for row in history] == [True]
        assert client.get(f"{url}/api/now/table/x_acme_app_thing").json() == {"result": []}
        package = read_archive(client.get(f"{url}/api/fluent/download/{APP_ID}").content, "down.zip")
        assert (package.kind, package.name, package.left) == ("application", SCOPE, [])
        assert {"sys_db_object", "sys_dictionary", "sys_app"} <= {record.table for record in package.records}
        removal = {
            "sysparm_processor": "com.snc.apps.AppsAjaxProcessor",
            "sysparm_function": "deleteApplication",
            "sysparm_sys_id": APP_ID,
            "sysparm_ck": token,
        }
        assert 'answer="' in client.post(f"{url}/xmlhttp.do", data=removal).text
        assert client.get(f"{url}/api/now/table/sys_scope?sysparm_query=scope={SCOPE}").json() == {"result": []}


def test_what_is_no_archive_is_a_failed_installation_that_says_why() -> None:
    with mock_servicenow() as servicenow:
        import requests

        answer = requests.post(
            f"{servicenow.url}/sn_appclient_upload_processor.do",
            auth=("admin", "admin"),
            files={"attachFile": ("blob", b"PK\x03\x04broken")},
        )
        tracker = answer.json()["executionTracker"]
        progress = requests.get(f"{servicenow.url}/api/sn_cicd/progress/{tracker}", auth=("admin", "admin")).json()[
            "result"
        ]
        assert progress["status"] == "3"
        assert "no archive" in progress["status_message"]
