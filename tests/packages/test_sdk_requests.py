"""The requests of the vendor's SDK, in its order: sign-in, installation, progress, download, removal."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

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


def test_what_is_asked_while_a_project_is_written() -> None:
    with mock_servicenow() as servicenow:
        import requests

        url, client = servicenow.url, requests.Session()
        client.auth = ("admin", "admin")
        script = "var Tool = Class.create();\nTool.prototype = {\n    add: function(one, two) {\n    }\n};"
        made = servicenow.table("sys_script_include").insert({"name": "Tool", "script": script, "active": "true"})
        cache = client.get(f"{url}/api/now/syntax_editor/cache/sys_script_include").json()["result"]["result"]
        assert json.loads(cache)["sys_script_include"]["global.Tool"] == made["sys_id"]
        body = {"scriptIncludes": [made["sys_id"], "0" * 32]}
        declared = client.post(f"{url}/api/now/syntax_editor/intellisense/sys_script_include", json=body).json()
        text = declared["result"]["result"][made["sys_id"]]
        assert ("declare class Tool {" in text, "add(one?: any, two?: any): any;" in text) == (True, True)
        completions = client.get(f"{url}/api/now/syntax_editor/completions?scope=").json()
        assert "declare class Tool {" in completions["result"]["result"]
        assert client.get(f"{url}/api/now/appcreator/app/vendorprefix").json() == {"result": "x_snc"}
        dotted = client.get(f"{url}/api/now/table/sys_script_include.do?sysparm_query=name=Tool&sysparm_fields=sys_id")
        assert dotted.json()["result"] == [{"sys_id": made["sys_id"]}]

        app = servicenow.table("sys_app").insert({"sys_id": APP_ID, "name": "Acme", "scope": SCOPE})
        moved = client.post(f"{url}/api/sn_glider/metadata/customize-global/{APP_ID}", json=[made["sys_id"], "0" * 32])
        assert moved.json() == {"result": [{"sysId": made["sys_id"]}]}
        assert servicenow.table("sys_script_include").get(made["sys_id"])["sys_scope"] == app["sys_id"]
        unloaded = client.post(f"{url}/api/sn_glider/metadata/unload/{APP_ID}", json=[made["sys_id"]]).json()
        assert [each["table"] for each in unloaded["result"]["xmlRecords"]] == ["sys_script_include"]

        servicenow.add_table("u_base").add_column("u_size", type="integer")
        servicenow.add_table("u_thing", extends="u_base").add_column("u_region", type="string")
        row = servicenow.table("sys_db_object").first("name=u_thing")
        assert row is not None
        by_name = {"type": "object", "value": {"name": "name"}}
        columns: dict[str, Any] = {"sys_dictionary": {"table": "sys_dictionary", "via": by_name}}
        parent = {
            "sys_db_object": {
                "via": {"type": "string", "value": "super_class"},
                "inverse": True,
                "relationships": columns,
            }
        }
        graph = {"sys_db_object": {"table": "sys_db_object", "relationships": {**columns, **parent}}}
        named: dict[str, Any] = {
            "records": [{"table": "sys_db_object", "sysIds": [row["sys_id"]], "graphIds": ["g1"]}],
            "graphs": {"g1": graph},
        }
        related = client.post(f"{url}/api/sn_glider/fluent_support/table_relationship_exporter", json=named).json()
        sent_columns = "".join(each["content"] for each in related["result"]["xmlRecords"])
        assert ('element="u_region"' in sent_columns, 'element="u_size"' in sent_columns) == (True, True)
        assert sum(each["table"] == "sys_db_object" for each in related["result"]["xmlRecords"]) == 2

        document = update(element("sys_properties", {"name": "acme.on", "value": "1"}), "sys_properties")
        sent = {"files": ("sys_properties_1.xml", document, "application/xml")}
        loaded = client.post(f"{url}/api/fluent/load/{APP_ID}", files=sent).json()["result"]["targetUpdateSetId"]
        assert servicenow.system_property("acme.on") == "1"
        assert servicenow.table("sys_update_xml").count(f"update_set={loaded}") == 1
        broken = {"files": ("cut.xml", "<record_update><sys_script", "application/xml")}
        refused = client.post(f"{url}/api/fluent/load/{APP_ID}?targetUpdateSetId={loaded}", files=broken)
        assert (refused.status_code, "cut short" in refused.json()["result"]["error"]) == (422, True)

        flow = servicenow.table("sys_hub_flow").insert({"name": "Flow", "active": "false"})
        asked = {"flows": [{"sys_id": flow["sys_id"]}, {"sys_id": "0" * 32}], "actions": []}
        activated = client.post(
            f"{url}/api/now/wfa_fluent/activate_flows?sysparm_transaction_scope={APP_ID}", json=asked
        )
        assert activated.status_code == 422
        assert activated.json()["result"]["summary"] == {"total": 2, "succeeded": 1, "failed": 1}
        assert servicenow.table("sys_hub_flow").get(flow["sys_id"])["active"] == "true"


def test_a_client_of_its_own_signs_in_and_goes_on_with_a_session() -> None:
    with mock_servicenow() as servicenow:
        import requests

        servicenow.set_property("glide.oauth.inbound.client.credential.grant_type.enabled", "true")
        admin = servicenow.table("sys_user").first("user_name=admin")
        assert admin is not None
        client_id = "c" * 32
        values = {
            "name": "SDK",
            "client_id": client_id,
            "client_secret": "s",
            "type": "client",
            "user": admin["sys_id"],
        }
        servicenow.table("oauth_entity").insert(values)
        url, client = servicenow.url, requests.Session()
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "s"}
        token = requests.post(f"{url}/oauth_token.do", data=form).json()
        anonymous = client.post(f"{url}/angular.do?sysparm_type=get_user")
        assert (anonymous.ok, "Set-Cookie" in anonymous.headers) == (True, True)
        head = {"Authorization": f"{token['token_type']} {token['access_token']}"}
        assert client.get(f"{url}/api/now/table/sys_scope?sysparm_limit=1", headers=head).status_code == 200
        told = client.post(f"{url}/angular.do?sysparm_type=get_user")
        assert told.status_code == 401
        head = {"X-UserToken": told.headers["X-UserToken-Response"]}
        assert client.get(f"{url}/api/now/table/sys_scope?sysparm_limit=1", headers=head).status_code == 200
