"""What the vendor's support articles say of old ways in: SOAP, attachments by queue, imports."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import requests
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
Made = Callable[..., dict[str, Any]]
ENVELOPE = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://www.service-now.com/">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
CLASS = "com.glide.processors.soap.SOAPProcessingException: "


def soap(wire: Wire, table: str, body: str, **options: Any) -> Any:
    headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
    return wire.post(f"/{table}.do?SOAP", data=ENVELOPE.format(body), headers=headers, **options)


@pytest.mark.documented("KB0758043, KB0546978, KB0597588: the words of SOAP faults")
@pytest.mark.parametrize(
    "table, body, words",
    [
        ("sys_user", "<t:insert><user_name>x</user_name></t:insert>", "Insufficient rights for creating new records"),
        ("sys_properties", "<t:get><sys_id>{}</sys_id></t:get>", "insufficient rights to read sys_properties {}"),
    ],
)
def test_soap_faults_have_words_of_their_own(wire: Wire, made: Made, table: str, body: str, words: str) -> None:
    role = wire.get(f"{TABLE}/sys_user_role?sysparm_query=name=soap").json()["result"][0]["sys_id"]
    user = wire.get(f"{TABLE}/sys_user?sysparm_query=user_name=employee").json()["result"][0]["sys_id"]
    made("sys_user_has_role", user=user, role=role)
    known = made("sys_properties", name="acme.secret", value="1", private="true")["sys_id"]
    answer = soap(wire, table, body.format(known), auth=("employee", "employee"))
    assert answer.status_code == 500, answer.text
    assert "<faultcode>SOAP-ENV:Server</faultcode>" in answer.text
    assert answer.text.count(f"{CLASS}{words.format(known)}") == 2


@pytest.mark.documented("KB0597588, KB0546978: a table whose page is public is asked as guest")
def test_soap_on_a_public_page_is_carried_out_as_guest(wire: Wire, made: Made) -> None:
    made("sys_public", page="incident", active="true")
    answer = soap(wire, "incident", "<t:insert><short_description>x</short_description></t:insert>")
    assert f"{CLASS}Insufficient rights for creating new records" in answer.text


@pytest.mark.documented("KB0546294, KB0815402: files by the queue of external messages")
@pytest.mark.parametrize("there", [True, False])
def test_a_row_of_the_queue_makes_an_attachment(wire: Wire, made: Made, there: bool) -> None:  # noqa: FBT001
    sys_id = made("incident", short_description="x")["sys_id"] if there else "0" * 32
    payload = base64.b64encode(b"what the file holds").decode()
    row = made(
        "ecc_queue",
        agent="AttachmentCreator",
        topic="AttachmentCreator",
        name="note.txt:text/plain",
        source=f"incident:{sys_id}",
        payload=payload,
    )
    files = wire.get(f"/api/now/attachment?sysparm_query=table_sys_id={sys_id}").json()["result"]
    assert [(each["file_name"], each["content_type"]) for each in files] == [("note.txt", "text/plain")] * there
    if not there:
        # KB0690210
        stored = wire.get(f"{TABLE}/ecc_queue/{row['sys_id']}").json()["result"]["payload"]
        assert stored == f"Could not find a record in table incident with sys_id {sys_id}"


@pytest.mark.documented("KB0791757, KB0813223: a map without its transformer makes the records and answers 500")
@pytest.mark.parametrize("how, status, rows", [("error", 500, 1), ("empty", 201, 1), ("403", 403, 0)])
def test_a_write_below_import_transformer(wire: Wire, made: Made, how: str, status: int, rows: int) -> None:
    name = "sandtable.import.missing_transformer"
    record = wire.get(f"{TABLE}/sys_properties?sysparm_query=name={name}").json()["result"]
    if record:
        wire.patch(f"{TABLE}/sys_properties/{record[0]['sys_id']}", json={"value": how})
    else:
        made("sys_properties", name=name, value=how)
    roles = wire.get(
        f"{TABLE}/sys_user_role?sysparm_query=nameINimport_set_loader,x_elas2_inc_int.integration_user"
    ).json()["result"]
    user = wire.get(f"{TABLE}/sys_user?sysparm_query=user_name=itil").json()["result"][0]["sys_id"]
    for role in roles:
        made("sys_user_has_role", user=user, role=role["sys_id"])
    table = "x_elas2_inc_int_elastic_incident"
    row = {"u_short_description": "twin", "u_correlation_id": "twin-1"}
    answer = wire.post(f"/api/now/import/{table}", json=row, auth=("itil", "itil"))
    assert answer.status_code == status, answer.text
    made_rows = wire.get(f"{TABLE}/incident?sysparm_query=short_description=twin").json()["result"]
    assert len(made_rows) == rows


@pytest.mark.documented("KB0610525, KB0713204: an XML export that instances import, with the columns of a view")
def test_the_unload_format(wire: Wire, made: Made) -> None:
    number = made("incident", short_description="to unload", urgency="1")["number"]
    asked = f"/incident.do?XML&useUnloadFormat=true&sysparm_query=number={number}"
    whole = wire.get(asked)
    assert whole.text.startswith('<?xml version="1.0" encoding="UTF-8"?><unload unload_date=')
    assert '<incident action="INSERT_OR_UPDATE">' in whole.text
    assert "<urgency>1</urgency>" in whole.text
    assert "X-Sandtable-Unsimulated" not in whole.headers
    layout = made("sys_ui_list", name="incident", view="export")["sys_id"]
    made("sys_ui_list_element", list_id=layout, element="number", position="0")
    by_view = wire.get(f"{asked}&sysparm_view=export")
    assert "<sys_id>" in by_view.text
    assert f"<number>{number}</number>" in by_view.text
    assert "<urgency>" not in by_view.text


@pytest.mark.documented("KB0564204, alone against the reference: a switch")
def test_a_count_despite_no_count(wire: Wire, instance: Instance, made: Made) -> None:
    for _ in range(2):
        made("incident", short_description="counted")
    path = "/api/now/table/incident?sysparm_no_count=true&sysparm_limit=1"
    assert "X-Total-Count" not in wire.get(path).headers
    instance.set_property("sandtable.table_api.count_despite_no_count", "true")
    assert wire.get(path).headers["X-Total-Count"] == "1"


@pytest.mark.documented("ServiceNow documentation, Attachment API: the file is the last part of the form")
def test_the_file_is_the_last_part(wire: Wire, instance: Instance, made: Made) -> None:
    sys_id = made("incident", short_description="with a file")["sys_id"]
    field = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'.format
    file = 'Content-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n'
    fields = [field("table_name", "incident"), field("table_sys_id", sys_id)]

    def send(*parts: str) -> requests.Response:
        body = "".join(f"--XX\r\n{part}" for part in parts) + "--XX--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=XX"}
        return wire.post("/api/now/attachment/upload", data=body, headers=kind)

    taken = send(*fields, file)
    assert (taken.status_code, taken.json()["result"]["file_name"]) == (201, "a.txt")
    path = f"/api/now/attachment/{taken.json()['result']['sys_id']}/file"
    assert (wire.get(path).text, wire.get(path).headers["Content-Type"].partition(";")[0]) == ("hello", "text/plain")
    assert send(file, *fields).status_code == 400
    assert send(*fields).status_code == 400
    # A name that comes after the file counts for nothing.
    assert send(*fields, file, field("file_name", "b.txt")).json()["result"]["file_name"] == "a.txt"
    instance.set_property("sandtable.attachment.file_part", "anywhere")
    assert send(file, *fields).status_code == 201


@pytest.mark.documented("KB3047115: rows are hidden after the limit was applied, so a short list is no last page")
def test_a_short_list_is_no_last_page(wire: Wire, made: Made) -> None:
    mine = wire.get(f"{TABLE}/sys_user?sysparm_query=user_name=employee").json()["result"][0]["sys_id"]
    for caller in ("", mine, "", mine):
        made("incident", short_description="hidden or not", caller_id=caller)
    path = f"{TABLE}/incident?sysparm_query=short_description=hidden or not^ORDERBYnumber&sysparm_limit=2"
    pages = [wire.get(f"{path}&sysparm_offset={offset}", auth=("employee", "employee")) for offset in (0, 2)]
    assert [len(page.json()["result"]) for page in pages] == [1, 1]
