"""A connector in thirty lines: a JSON request a line on standard input, a JSON answer a line on standard output."""

import json
import sys

import requests

HELLO = {"types": [".servicenow"], "actions": ["pushToService", "closeIncident"], "authentication": ["basic"]}
HELLO |= {"parameters": [], "forms": ["import"], "checks": [], "memory": "none"}
CLOSED = {"u_state": "7", "u_close_code": "Closed/Resolved by Caller", "u_close_notes": "Closed by Caller"}


def execute(config, secrets, params):
    http, base = requests.Session(), config["apiUrl"].rstrip("/")
    http.auth = (secrets["username"], secrets["password"])
    http.hooks["response"].append(lambda answer, **_: answer.raise_for_status())
    incident = params["subActionParams"]["incident"]
    if len(incident["correlation_id"] or "") > 100:
        raise ValueError("correlation_id: more than 100 characters")
    if params["subAction"] == "closeIncident":
        wanted = incident["correlation_id"].replace("^", "^^")
        query = {"sysparm_query": f"active=true^correlation_id={wanted}^ORDERBYDESCsys_created_on"}
        found = http.get(f"{base}/api/now/table/incident", params=query).json()["result"]
        if not found:
            return {}
        body = {**CLOSED, "elastic_incident_id": found[0]["sys_id"]}
    else:
        body = {f"u_{name}": value for name, value in incident.items() if name != "externalId"}
    row = http.post(f"{base}/api/now/import/x_elas2_inc_int_elastic_incident", json=body).json()["result"][0]
    if row["status"] == "error":
        raise ValueError(row["error_message"])
    link = f"{base}/nav_to.do?uri=incident.do?sys_id={row['sys_id']}"
    return {"id": row["sys_id"], "title": row["display_value"], "url": link}


for line in sys.stdin:
    request = json.loads(line)
    if "hello" in request:
        print(json.dumps({"hello": HELLO}), flush=True)
        continue
    try:
        answer = {"status": "ok", "data": execute(request["config"], request["secrets"], request["params"])}
    except Exception as problem:
        answer = {"status": "error", "message": type(problem).__name__, "service_message": str(problem), "retry": True}
    print(json.dumps(answer), flush=True)
