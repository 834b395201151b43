"""Write docs/openapi.json, the OpenAPI description of the simulated APIs: `python docs/generate_openapi.py`.

Tests keep it honest: every route of the application is in it and the other way round, and generated requests get the
answers that it promises.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sandtable.apps.catalog import service_catalog

PAGE = Path(__file__).parent / "openapi.json"
JSON, ANY_FILE, FORM = "application/json", "application/octet-stream", "multipart/form-data"
STRING, FLAG = {"type": "string"}, {"type": "string", "enum": ["true", "false"]}
DISPLAY = {"type": "string", "enum": ["true", "false", "all"]}
NUMBER_TEXT = {"type": "string", "pattern": "^[0-9]{1,6}$"}
SYS_ID = {"type": "string", "minLength": 1, "maxLength": 32, "pattern": "^[0-9A-Za-z]{1,32}$"}
TABLE = {"type": "string", "pattern": "^[a-z0-9_]{1,80}$"}
EMPTY = {"type": "object", "additionalProperties": True}

SCHEMAS: dict[str, Any] = {
    "Error": {
        "type": "object",
        "required": ["error", "status"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "detail"],
                "properties": {"message": STRING, "detail": {"type": ["string", "null"]}},
            },
            "status": {"const": "failure"},
        },
    },
    "Value": {
        "description": "Text; an object for a reference, or when display values are asked for.",
        "anyOf": [
            STRING,
            {
                "type": "object",
                "properties": {"value": STRING, "display_value": STRING, "link": STRING},
                "additionalProperties": False,
                "minProperties": 2,
            },
        ],
    },
    "Record": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Value"}},
    "Fields": {
        "type": "object",
        "description": "Values by column name; unknown names are ignored.",
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
    "ImportElement": {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"enum": ["inserted", "updated", "ignored", "skipped", "error"]},
        },
        "additionalProperties": STRING,
    },
    "Stats": {
        "type": "object",
        "properties": {
            "count": {"type": "string", "pattern": "^[0-9]+$"},
            **{name: {"type": "object", "additionalProperties": STRING} for name in ("avg", "min", "max", "sum")},
        },
        "additionalProperties": False,
    },
    "Group": {
        "type": "object",
        "required": ["stats", "groupby_fields"],
        "properties": {
            "stats": {"$ref": "#/components/schemas/Stats"},
            "groupby_fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "value"],
                    "properties": {"field": STRING, "value": STRING, "display_value": STRING},
                    "additionalProperties": False,
                },
            },
        },
    },
    "Attachment": {
        "type": "object",
        "required": ["sys_id", "table_name", "table_sys_id", "file_name", "size_bytes", "hash", "download_link"],
        "additionalProperties": STRING,
    },
    "Relation": {
        "type": "object",
        "required": ["sys_id", "type", "target"],
        "properties": {
            "sys_id": STRING,
            "type": {"$ref": "#/components/schemas/Value"},
            "target": {"$ref": "#/components/schemas/Value"},
        },
    },
    "WantedRelation": {
        "type": "object",
        "required": ["type", "target"],
        "properties": {"type": SYS_ID, "target": SYS_ID},
    },
    "Item": {
        "type": "object",
        "required": ["attributes", "inbound_relations", "outbound_relations"],
        "properties": {
            "attributes": {"$ref": "#/components/schemas/Record"},
            "inbound_relations": {"type": "array", "items": {"$ref": "#/components/schemas/Relation"}},
            "outbound_relations": {"type": "array", "items": {"$ref": "#/components/schemas/Relation"}},
        },
    },
    "BatchItem": {
        "type": "object",
        "required": ["id", "body", "status_code", "status_text", "headers", "execution_time"],
        "properties": {
            "id": STRING,
            "body": {"type": "string", "contentEncoding": "base64"},
            "status_code": {"type": "integer"},
            "status_text": STRING,
            "execution_time": {"type": "integer"},
            "headers": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "value"],
                    "properties": {"name": STRING, "value": STRING},
                },
            },
            "error_message": STRING,
            "redirect_url": STRING,
        },
        "additionalProperties": False,
    },
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def result(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer whose content is wrapped in `result`."""
    return {"type": "object", "required": ["result"], "properties": {"result": schema}}


def listed(schema: dict[str, Any]) -> dict[str, Any]:
    return result({"type": "array", "items": schema})


def path(*names: str) -> list[dict[str, Any]]:
    kinds = {"table": TABLE, "class_name": TABLE}
    return [{"name": name, "in": "path", "required": True, "schema": kinds.get(name, SYS_ID)} for name in names]


def query(**schemas: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": schema} for name, schema in schemas.items()]


READ = query(
    sysparm_display_value=DISPLAY,
    sysparm_exclude_reference_link=FLAG,
    sysparm_fields=STRING,
    sysparm_view=STRING,
)
PAGED = query(sysparm_query=STRING, sysparm_limit=NUMBER_TEXT, sysparm_offset=NUMBER_TEXT)
LIST = READ + PAGED + query(sysparm_no_count=FLAG, sysparm_suppress_pagination_header=FLAG)
WRITE = READ + query(sysparm_input_display_value=FLAG, sysparm_suppress_auto_sys_field=FLAG)


def operation(
    summary: str,
    tag: str,
    *,
    parameters: Iterable[dict[str, Any]] = (),
    body: dict[str, Any] | None = None,
    body_type: str = JSON,
    answers: dict[int, dict[str, Any] | None],
    refusals: Iterable[int] = (),
    answer_type: str = JSON,
) -> dict[str, Any]:
    """Return one operation; 400, 401 and 403 may always happen."""
    responses: dict[str, Any] = {}
    for status, schema in answers.items():
        responses[str(status)] = {"description": summary}
        if schema is not None:
            responses[str(status)]["content"] = {answer_type: {"schema": schema}}
    for status in sorted({400, 401, 403, *refusals}):
        responses.setdefault(str(status), {"description": "Refused", "content": {JSON: {"schema": ref("Error")}}})
    made: dict[str, Any] = {"summary": summary, "tags": [tag], "parameters": list(parameters), "responses": responses}
    if body is not None:
        made["requestBody"] = {"required": False, "content": {body_type: {"schema": body}}}
    return made


def tables() -> dict[str, Any]:
    record = result(ref("Record"))
    one = path("table", "sys_id")
    return {
        "/api/now/table/{table}": {
            "get": operation(
                "List records", "Table", parameters=path("table") + LIST, answers={200: listed(ref("Record"))}
            ),
            "post": operation(
                "Insert a record",
                "Table",
                parameters=path("table") + WRITE,
                body=ref("Fields"),
                answers={201: record},
                refusals=[404],
            ),
        },
        "/api/now/table/{table}/{sys_id}": {
            "get": operation("Read a record", "Table", parameters=one + READ, answers={200: record}, refusals=[404]),
            **{
                verb: operation(
                    "Change a record",
                    "Table",
                    parameters=one + WRITE,
                    body=ref("Fields"),
                    answers={200: record},
                    refusals=[404],
                )
                for verb in ("put", "patch")
            },
            "delete": operation("Delete a record", "Table", parameters=one, answers={204: None}, refusals=[404]),
        },
    }


def imports() -> dict[str, Any]:
    outcome = {
        "type": "object",
        "required": ["import_set", "staging_table", "result"],
        "properties": {
            "import_set": STRING,
            "staging_table": STRING,
            "result": {"type": "array", "items": ref("ImportElement")},
        },
    }
    ids = {
        "type": "object",
        "required": ["import_set_id", "multi_import_set_id"],
        "properties": {"import_set_id": STRING, "multi_import_set_id": STRING},
    }
    rows = {
        "type": "object",
        "required": ["records"],
        "properties": {"records": {"type": "array", "items": ref("Fields")}},
    }
    return {
        "/api/now/import/{table}": {
            "post": operation(
                "Load one row", "Import Set", parameters=path("table"), body=ref("Fields"), answers={201: outcome}
            )
        },
        "/api/now/import/{table}/{sys_id}": {
            "get": operation(
                "Read the outcome of a row",
                "Import Set",
                parameters=path("table", "sys_id"),
                answers={200: outcome},
                refusals=[404, 405],
            )
        },
        "/api/now/import/{table}/insertMultiple": {
            "post": operation("Load many rows", "Import Set", parameters=path("table"), body=rows, answers={201: ids})
        },
    }


def aggregates() -> dict[str, Any]:
    whole = {"type": "object", "required": ["stats"], "properties": {"stats": ref("Stats")}}
    parameters = query(
        sysparm_query=STRING,
        sysparm_count=FLAG,
        sysparm_group_by=STRING,
        sysparm_order_by=STRING,
        sysparm_having=STRING,
        sysparm_display_value=DISPLAY,
        **{f"sysparm_{name}_fields": STRING for name in ("avg", "min", "max", "sum")},
    )
    answer = result({"anyOf": [whole, {"type": "array", "items": ref("Group")}]})
    return {
        "/api/now/stats/{table}": {
            "get": operation(
                "Count, sum, group", "Aggregate", parameters=path("table") + parameters, answers={200: answer}
            )
        }
    }


def attachments() -> dict[str, Any]:
    target = query(table_name=TABLE, table_sys_id=SYS_ID, file_name=STRING)
    form = {
        "type": "object",
        "required": ["table_name", "table_sys_id", "uploadFile"],
        "properties": {
            "table_name": TABLE,
            "table_sys_id": SYS_ID,
            "uploadFile": {"type": "string", "format": "binary"},
        },
    }
    one = path("sys_id")
    attribute = {"type": "object", "required": ["key", "value"], "properties": {"key": STRING, "value": STRING}}
    name = {
        "type": "object",
        "required": ["file_name"],
        "properties": {"file_name": {"type": "string", "minLength": 1}},
    }
    metadata = result(ref("Attachment"))
    return {
        "/api/now/attachment": {
            "get": operation("List files", "Attachment", parameters=PAGED, answers={200: listed(ref("Attachment"))})
        },
        "/api/now/attachment/file": {
            "post": operation(
                "Attach a file",
                "Attachment",
                parameters=target,
                body={"type": "string", "format": "binary"},
                body_type=ANY_FILE,
                answers={201: metadata},
                refusals=[404, 413],
            )
        },
        "/api/now/attachment/upload": {
            "post": operation(
                "Attach a file by form",
                "Attachment",
                body=form,
                body_type=FORM,
                answers={201: metadata},
                refusals=[404, 413],
            )
        },
        "/api/now/attachment/{sys_id}": {
            "get": operation(
                "Read what is known of a file", "Attachment", parameters=one, answers={200: metadata}, refusals=[404]
            ),
            **{
                verb: operation(
                    "Rename a file", "Attachment", parameters=one, body=name, answers={204: None}, refusals=[404]
                )
                for verb in ("put", "patch")
            },
            "delete": operation("Delete a file", "Attachment", parameters=one, answers={204: None}, refusals=[404]),
        },
        "/api/now/attachment/{sys_id}/attributes": {
            "get": operation(
                "List attributes", "Attachment", parameters=one, answers={200: listed(attribute)}, refusals=[404]
            ),
            "post": operation(
                "Add an attribute",
                "Attachment",
                parameters=one,
                body=attribute,
                answers={201: result(attribute)},
                refusals=[404],
            ),
        },
        "/api/now/attachment/{sys_id}/attributes/{key}": {
            "get": operation(
                "Read an attribute",
                "Attachment",
                parameters=path("sys_id", "key"),
                answers={200: result(attribute)},
                refusals=[404],
            ),
            "put": operation(
                "Change an attribute",
                "Attachment",
                parameters=path("sys_id", "key"),
                body={"type": "object", "required": ["value"], "properties": {"value": STRING}},
                answers={200: result(attribute)},
                refusals=[404],
            ),
            "delete": operation(
                "Delete an attribute",
                "Attachment",
                parameters=path("sys_id", "key"),
                answers={204: None},
                refusals=[404],
            ),
        },
        "/api/now/attachment/{sys_id}/file": {
            "get": operation(
                "Download a file",
                "Attachment",
                parameters=one,
                answers={200: {"type": "string", "format": "binary"}},
                answer_type="*/*",
                refusals=[404],
            )
        },
    }


def batch() -> dict[str, Any]:
    item = {
        "type": "object",
        "required": ["id", "method", "url"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
            "url": {"type": "string", "pattern": "^/api/now/[a-z/]{1,40}$"},
            "headers": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "value"],
                    "properties": {"name": STRING, "value": STRING},
                },
            },
            "body": {"type": "string", "contentEncoding": "base64", "pattern": "^([A-Za-z0-9]{4})*$"},
            "exclude_response_headers": {"type": "boolean"},
        },
    }
    body = {
        "type": "object",
        "required": ["batch_request_id", "rest_requests"],
        "properties": {
            "batch_request_id": {"type": "string", "minLength": 1},
            "rest_requests": {"type": "array", "items": item, "maxItems": 5},
        },
    }
    answer = {
        "type": "object",
        "required": ["batch_request_id", "serviced_requests", "unserviced_requests"],
        "properties": {
            "batch_request_id": STRING,
            "serviced_requests": {"type": "array", "items": ref("BatchItem")},
            "unserviced_requests": {"type": "array", "items": STRING},
        },
    }
    return {
        "/api/now/batch": {
            "post": operation("Run several requests", "Batch", body=body, answers={200: answer}, refusals=[415])
        }
    }


def tiny_urls() -> dict[str, Any]:
    body = {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "format": "uri"}}}
    return {
        "/api/now/tinyurl": {
            "post": operation("Shorten an address", "Tiny URL", body=body, answers={200: result(STRING)})
        }
    }


def items() -> dict[str, Any]:
    relations = {
        name: {"type": "array", "items": ref("WantedRelation")} for name in ("outbound_relations", "inbound_relations")
    }
    changed = {"type": "object", "required": ["source"], "properties": {"attributes": ref("Fields"), "source": STRING}}
    created = {**changed, "properties": {**changed["properties"], **relations}}  # type: ignore[dict-item]
    short = {"type": "object", "required": ["sys_id", "name"], "properties": {"sys_id": STRING, "name": STRING}}
    one = path("class_name", "sys_id")
    item = result(ref("Item"))
    return {
        "/api/now/cmdb/instance/{class_name}": {
            "get": operation(
                "List items of a class",
                "CMDB Instance",
                parameters=path("class_name") + PAGED,
                answers={200: listed(short)},
            ),
            "post": operation(
                "Create an item",
                "CMDB Instance",
                parameters=path("class_name"),
                body=created,
                answers={200: item, 201: item},
                refusals=[404, 500],
            ),
        },
        "/api/now/cmdb/instance/{class_name}/{sys_id}": {
            "get": operation("Read an item", "CMDB Instance", parameters=one, answers={200: item}, refusals=[404]),
            **{
                verb: operation(
                    "Change an item",
                    "CMDB Instance",
                    parameters=one,
                    body=changed,
                    answers={200: item},
                    refusals=[404, 500],
                )
                for verb in ("put", "patch")
            },
        },
        "/api/now/cmdb/instance/{class_name}/{sys_id}/relation": {
            "post": operation(
                "Add relations",
                "CMDB Instance",
                parameters=one,
                body={"type": "object", "properties": relations},
                answers={200: item},
                refusals=[404],
            )
        },
        "/api/now/cmdb/instance/{class_name}/{sys_id}/relation/{relation_id}": {
            "delete": operation(
                "Remove a relation",
                "CMDB Instance",
                parameters=[*one, *path("relation_id")],
                answers={200: result(EMPTY)},
                refusals=[404],
            )
        },
    }


def meta() -> dict[str, Any]:
    columns = {"type": "object", "required": ["columns"], "properties": {"columns": {"type": "object"}}}
    named = {"type": "object", "required": ["label", "value"], "properties": {"label": STRING, "value": STRING}}
    column = {"type": "object", "required": ["name", "label", "internalType"], "properties": {"name": STRING}}
    described = {
        "type": "object",
        "required": ["name", "label", "parent", "children", "attributes", "identification_rules", "is_extendable"],
        "properties": {
            "children": {"type": "array", "items": STRING},
            "attributes": {"type": "array", "items": {"type": "object", "required": ["element", "type", "label"]}},
            "is_extendable": {"type": "boolean"},
        },
    }
    return {
        "/api/now/ui/meta/{table}": {
            "get": operation("Describe columns", "Meta", parameters=path("table"), answers={200: result(columns)})
        },
        "/api/now/doc/table/schema": {"get": operation("List tables", "Meta", answers={200: listed(named)})},
        "/api/now/doc/table/schema/{table}": {
            "get": operation("List columns", "Meta", parameters=path("table"), answers={200: listed(column)})
        },
        "/api/now/cmdb/meta/{class_name}": {
            "get": operation(
                "Describe a class", "Meta", parameters=path("class_name"), answers={200: result(described)}
            )
        },
    }


def catalog() -> dict[str, Any]:
    order = {
        "type": "object",
        "properties": {
            "sysparm_quantity": {"type": "string", "pattern": "^[1-9][0-9]{0,2}$"},
            "variables": ref("Fields"),
        },
    }
    searched = query(
        sysparm_text=STRING,
        sysparm_catalog=SYS_ID,
        sysparm_category=SYS_ID,
        sysparm_limit=NUMBER_TEXT,
        sysparm_offset=NUMBER_TEXT,
    )
    made: dict[str, Any] = {}
    for method, where, script in service_catalog.ENDPOINTS:
        many = where in ("/catalogs", "/items") or where.endswith("/categories")
        is_list = many or where.endswith("/variables")
        summary = (script.__doc__ or "").split(";")[0].split(". ")[0].rstrip(".")
        status: dict[int, dict[str, Any] | None] = {200: listed(EMPTY) if is_list else result(EMPTY)}
        if method == "DELETE":
            status = {204: None}
        elif method == "PUT":
            status = {201: result(EMPTY)}
        made.setdefault(f"{service_catalog.BASE}{where}", {})[method.lower()] = operation(
            summary,
            "Service Catalog",
            parameters=(path("sys_id") if "{sys_id}" in where else []) + (searched if many else []),
            body=order if method in ("POST", "PUT") else None,
            answers=status,
            refusals=[404],
        )
    return made


def identification() -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["className", "values"],
                    "properties": {"className": STRING, "values": ref("Fields")},
                },
            },
            "relations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"parent": {"type": "integer"}, "child": {"type": "integer"}, "type": STRING},
                },
            },
        },
    }
    base = "/api/now/identifyreconcile"
    return {
        f"{base}{where}": {
            "post": operation(
                summary,
                "Identification and Reconciliation",
                parameters=query(sysparm_data_source=STRING, **({"sysparm_options": STRING} if options else {})),
                body=body,
                answers={200: result(EMPTY)},
                refusals=[],
            )
        }
        for where, summary, options in (
            ("", "Write items of a source, identified first", False),
            ("/query", "Say what would be written", False),
            ("/enhanced", "Write items of a source, in part if asked", True),
            ("/queryEnhanced", "Say what would be written, in part if asked", True),
        )
    }


def emails() -> dict[str, Any]:
    addresses = {"type": "array", "items": STRING}
    body = {
        "type": "object",
        "required": ["to"],
        "properties": {
            **dict.fromkeys(("to", "cc", "bcc"), addresses),
            **dict.fromkeys(("subject", "text", "html"), STRING),
        },
    }
    return {
        "/api/now/email": {
            "post": operation(
                "Put a message into the outbox", "Email", body=body, answers={200: result(EMPTY)}, refusals=[404]
            )
        },
        "/api/now/email/{id}": {
            "get": operation(
                "Read a message", "Email", parameters=path("id"), answers={200: result(EMPTY)}, refusals=[404]
            )
        },
    }


def sessions() -> dict[str, Any]:
    picker = "/api/now/ui/concoursepicker"
    chosen = {"updateset": "sysId", "application": "app_id"}
    return {
        "/api/now/ui/user/current_user": {
            "get": operation("Say who is calling", "Session", answers={200: result(EMPTY)})
        },
        **{
            f"{picker}/{what}": {
                "get": operation(f"Say which {what} is current", "Session", answers={200: result(EMPTY)}),
                "put": operation(
                    f"Choose another {what}",
                    "Session",
                    body={"type": "object", "required": [name], "properties": {name: SYS_ID}},
                    answers={200: result(EMPTY)},
                    refusals=[404],
                ),
            }
            for what, name in chosen.items()
        },
    }


def description() -> dict[str, Any]:
    """Return the whole document."""
    paths: dict[str, Any] = {}
    for part in (
        tables,
        imports,
        aggregates,
        attachments,
        batch,
        tiny_urls,
        items,
        meta,
        catalog,
        identification,
        emails,
        sessions,
    ):
        paths |= part()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Simulated APIs of Sandtable",
            "version": "1",
            "description": "What a Sandtable instance answers. Each path below /api/now/ is also there with a version "
            "after it, such as /api/now/v2/table/incident.",
        },
        "servers": [{"url": "http://127.0.0.1:8080"}],
        "security": [{"basic": []}, {"bearer": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-sn-apikey"},
            },
        },
    }


def text() -> str:
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
