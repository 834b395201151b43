"""What the SOAP service of a table can be asked for, as a WSDL 1.1 document (document style, literal use)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from sandtable.web.wire.xml_form import DECLARATION

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

UNQUALIFIED = "glide.wsdl.schema.UnqualifiedElementFormDefault"
SCHEMA_TYPES: Mapping[str, str] = {"boolean": "boolean", "integer": "integer", "decimal": "decimal", "float": "double"}
QUERY = ("__encoded_query", "__limit", "__first_row", "__last_row", "__order_by", "__order_by_desc")
QUERY_ANSWER = ("__exclude_columns", "__use_view")


def namespace(table: str) -> str:
    """Return the namespace of the messages of a table."""
    return f"http://www.service-now.com/{table}"


def describe(instance: Instance, table: str, address: str) -> str:
    """Return the WSDL document of a table whose service answers at an address."""
    columns = instance.dictionary.columns(table)
    own = [_element(name, SCHEMA_TYPES.get(column.type, "string")) for name, column in columns.items()]
    answered = [_element(name, "string") for name in columns]
    written = [each for name, each in zip(columns, own, strict=True) if not name.startswith("sys_") or name == "sys_id"]
    options = [_element(name, "string") for name in QUERY]
    key, count = [_element("sys_id", "string")], [_element("count", "string")]
    written_key = [*key, _element("number", "string")]
    messages: dict[str, list[str]] = {
        "getRecords": [*own, *options, *(_element(name, "string") for name in QUERY_ANSWER)],
        "getRecordsResponse": [_list("getRecordsResult", answered)],
        "get": [*key, *(_element(name, "string") for name in QUERY_ANSWER)],
        "getResponse": answered,
        "getKeys": [*own, *options],
        "getKeysResponse": [*key, *count],
        "insert": written,
        "insertResponse": written_key,
        "insertMultiple": [_list("record", written)],
        "insertMultipleResponse": [_list("insertResponse", written_key)],
        "update": written,
        "updateResponse": key,
        "deleteRecord": key,
        "deleteRecordResponse": count,
        "deleteMultiple": [*own, *options],
        "deleteMultipleResponse": count,
    }
    methods = [name for name in messages if not name.endswith("Response")]
    form = "unqualified" if instance.property_is_true(UNQUALIFIED, True) else "qualified"
    space, name = escape(namespace(table)), escape(f"ServiceNow_{table}")
    return "".join(
        [
            DECLARATION,
            (
                f'<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
                f'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
                f'xmlns:tns="{space}" targetNamespace="{space}" name="{name}">'
            ),
            f'<wsdl:types><xsd:schema elementFormDefault="{form}" targetNamespace="{space}">',
            *(f'<xsd:element name="{each}">{_complex(members)}</xsd:element>' for each, members in messages.items()),
            "</xsd:schema></wsdl:types>",
            *(
                f'<wsdl:message name="{each}SoapMessage"><wsdl:part name="{name}" element="tns:{each}"/></wsdl:message>'
                for each in messages
            ),
            f'<wsdl:portType name="{name}_PortType">',
            *(
                f'<wsdl:operation name="{each}"><wsdl:input message="tns:{each}SoapMessage"/>'
                f'<wsdl:output message="tns:{each}ResponseSoapMessage"/></wsdl:operation>'
                for each in methods
            ),
            (
                f'</wsdl:portType><wsdl:binding name="{name}_Binding" type="tns:{name}_PortType">'
                '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
            ),
            *(
                f'<wsdl:operation name="{each}"><soap:operation soapAction="{space}/{each}" style="document"/>'
                '<wsdl:input><soap:body use="literal"/></wsdl:input>'
                '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
                for each in methods
            ),
            (
                f'</wsdl:binding><wsdl:service name="{name}"><wsdl:port name="{name}" binding="tns:{name}_Binding">'
                f'<soap:address location="{escape(address)}?SOAP"/></wsdl:port></wsdl:service></wsdl:definitions>'
            ),
        ]
    )


def _element(name: str, kind: str) -> str:
    return f'<xsd:element name="{name}" type="xsd:{kind}" minOccurs="0" maxOccurs="1"/>'


def _list(name: str, members: Iterable[str]) -> str:
    return f'<xsd:element name="{name}" minOccurs="0" maxOccurs="unbounded">{_complex(members)}</xsd:element>'


def _complex(members: Iterable[str]) -> str:
    return f"<xsd:complexType><xsd:sequence>{''.join(members)}</xsd:sequence></xsd:complexType>"
