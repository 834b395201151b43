"""The addresses the connector calls: as bytes Node would send, or safely percent-encoded, by `Behaviour`.

Source: ServiceNow docs (Table API, Import Set API, event collection), Kibana 8.13 docs (the Elastic app),
observed behaviour of Node's URL parser.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.errors import InvalidAddress
from sandtable_connector.values.javascript_text import is_blank

_DEFAULT_PORTS = {"http": 80, "https": 443}
# The characters that Node's parser escapes in each part, beside controls, space and everything outside ASCII.
_ESCAPED_IN_QUERY = frozenset("\"'<>#")
_ESCAPED_IN_PATH = frozenset('"#<>?`{}')
_DOT = re.compile(r"\.|%2e", re.IGNORECASE)
_UNDEFINED = "undefined"
# Control and format characters, and everything that only separates.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


class Urls:
    """Builds every address from ``apiUrl``, of which exactly one trailing slash is removed."""

    def __init__(self, api_url: str, behaviour: Behaviour) -> None:
        self.base = api_url.removesuffix("/")
        self._behaviour = behaviour

    def is_blank(self, text: str) -> bool:
        """Tell whether an ID names nothing: JavaScript trims it away, or, to be safe, no character of it is seen.

        Kibana looks at the text before the address is built: some IDs that are not blank by that rule ask for the empty
        ID in the end.
        """
        if self._behaviour.javascript_slips:
            return is_blank(text)
        return all(unicodedata.category(character) in _UNSEEN for character in text)

    def health(self, scope: str) -> str:
        """Return the address of the Elastic app's health resource."""
        return self._finished(f"{self.base}/api/{scope}/elastic_api/health")

    def import_set(self, staging_table: str) -> str:
        """Return the address that takes rows for a staging table."""
        return self._finished(f"{self.base}/api/now/import/{staging_table}")

    def table(self, table: str) -> str:
        """Return the address of a table."""
        return self._finished(f"{self.base}/api/now/v2/table/{table}")

    def record(self, table: str, sys_id: str | None) -> str:
        """Return the address of one record; None is the word undefined where the behaviour slips as JavaScript does."""
        return self._finished(f"{self.base}/api/now/v2/table/{table}/{self._segment(sys_id)}")

    def by_correlation(self, table: str, correlation_id: str) -> str:
        """Return the address that finds records by correlation ID, newest first."""
        query = f"ORDERBYDESCsys_created_on^correlation_id={self._value(correlation_id)}"
        url = f"{self.base}/api/now/v2/table/{table}?sysparm_query={self._parameter(query)}"
        if self._behaviour.lookup_fields:
            url += f"&sysparm_fields={self._parameter(self._behaviour.lookup_fields)}"
        return self._finished(url)

    def fields(self, table: str) -> str:
        """Return the address of the writable text columns of task and a table."""
        query = self._parameter(f"name=task^ORname={table}^internal_type=string")
        return self._finished(
            f"{self.base}/api/now/table/sys_dictionary?sysparm_query={query}&active=true&array=false&read_only=false"
            f"&sysparm_fields={self._parameter('max_length,element,column_label,mandatory')}"
        )

    def choices(self, table: str, fields: Sequence[str]) -> str:
        """Return the address of the English choices of a table's and task's fields."""
        if not fields and not self._behaviour.javascript_slips:
            raise InvalidAddress("fields: name at least one field whose choices are wanted")
        first, *others = fields or [_UNDEFINED]
        elements = "".join(["element=" + self._value(first), *("^ORelement=" + self._value(name) for name in others)])
        query = self._parameter(f"name=task^ORname={table}^{elements}^language=en")
        return self._finished(
            f"{self.base}/api/now/table/sys_choice?sysparm_query={query}"
            f"&sysparm_fields={self._parameter('label,value,dependent_value,element')}"
        )

    def observables(self, scope: str, sys_id: str, *, bulk: bool = True) -> str:
        """Return the address that takes the observables of a security incident."""
        end = "/bulk" if bulk else ""
        return self._finished(f"{self.base}/api/{scope}/elastic_api/incident/{self._segment(sys_id)}/observables{end}")

    def event(self) -> str:
        """Return the address that takes events."""
        return self._finished(f"{self.base}/api/global/em/jsonv2")

    def token(self) -> str:
        """Return the address of the token endpoint."""
        return self._finished(f"{self.base}/oauth_token.do")

    def view(self, table: str, sys_id: str) -> str:
        """Return the link to a record for people; it is shown, never called, and its inner ``?`` stays unescaped."""
        return f"{self.base}/nav_to.do?uri={table}.do?sys_id={sys_id}"

    def _segment(self, text: str | None) -> str:
        if text is None:
            return _UNDEFINED
        if not self._behaviour.urls_encoded:
            return text
        if text in (".", ".."):
            # Whoever handles the URL next resolves such a segment, escaped or not, and calls the table itself.
            raise InvalidAddress(f"{text!r} is no sys_id: as a part of an address it means another address")
        return quote(_checked(text), safe="")

    def _value(self, text: str) -> str:
        return text.replace("^", "^^") if self._behaviour.query_values_escaped else text

    def _parameter(self, text: str) -> str:
        return quote(_checked(text), safe="") if self._behaviour.urls_encoded else text

    def _finished(self, url: str) -> str:
        return as_node_parses(url)


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidAddress(
            f"{text!r} is not valid Unicode text (it holds half of a surrogate pair) and cannot be sent"
        ) from None
    return text


def as_node_parses(text: str) -> str:
    """Return the URL that Node sends for a text; InvalidAddress as Node words it.

    White space at the ends, tabs and line ends go; ``#`` cuts; backslashes are slashes; dot segments are resolved; a
    default port and credentials are left out. Already escaped text stays as it is.
    """
    text = re.sub(r"[\t\n\r]", "", text.strip("".join(map(chr, range(0x21)))))
    text = text.partition("#")[0]
    match = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", text, re.DOTALL)
    if match is None:
        raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL")
    scheme = match[1].lower()
    if scheme not in _DEFAULT_PORTS:
        raise InvalidAddress(f"Unsupported protocol {scheme}:", code="ERR_BAD_REQUEST")
    rest, mark, query = match[2].partition("?")
    parts = re.match(r"[/\\]*([^/\\]*)(.*)", rest, re.DOTALL)
    authority, path = (parts[1], parts[2]) if parts else ("", "")
    address = f"{scheme}://{_authority(authority.rpartition('@')[2], scheme)}{_path(path)}"
    return address + mark + (_escaped(query, _ESCAPED_IN_QUERY) if mark else "")


def _authority(text: str, scheme: str) -> str:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL") from None
    if not host or re.search(r"[\s<>^|%\"`{}]", host):
        raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL")
    if ":" in host:
        try:
            host = f"[{ipaddress.IPv6Address(host).compressed}]"
        except ValueError:
            raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL") from None
    elif (number := _ipv4(host)) is not None:
        host = number
    elif not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL") from None
    return host if port is None or port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"


def _ipv4(host: str) -> str | None:
    """Return the usual form of a host that ends in a number, as `127.1` and `0x7f.1` do; None for a name.

    InvalidAddress where it ends in a number and is no address. Source: WHATWG URL, IPv4 parser.
    """
    parts = host.removesuffix(".").split(".")
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", parts[-1]):
        return None
    numbers: list[int] = []
    for part in parts:
        octal = part.startswith("0") and part.isdigit()
        try:
            number = int(part[2:] or "0", 16) if part.startswith("0x") else int(part, 8 if octal else 10)
        except ValueError:
            raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL") from None
        numbers.append(number)
    *leading, last = numbers
    if len(numbers) > 4 or any(number > 255 for number in leading) or last >= 256 ** (5 - len(numbers)):
        raise InvalidAddress("Invalid URL", code="ERR_INVALID_URL")
    whole = last + sum(number * 256 ** (3 - at) for at, number in enumerate(leading))
    return str(ipaddress.IPv4Address(whole))


def _path(text: str) -> str:
    segments: list[str] = []
    parts = text.replace("\\", "/").split("/")[1:] or [""]
    for index, segment in enumerate(parts):
        dots = _DOT.sub(".", segment)
        last = index == len(parts) - 1
        if dots in (".", ".."):
            if dots == ".." and segments:
                segments.pop()
            if last:
                segments.append("")
        else:
            segments.append(_escaped(segment, _ESCAPED_IN_PATH))
    return "/" + "/".join(segments)


def _escaped(text: str, escaped: frozenset[str]) -> str:
    return "".join(
        character if " " < character < "\x7f" and character not in escaped else _octets(character) for character in text
    )


def _octets(character: str) -> str:
    # Half of a surrogate pair becomes the replacement character, as in every URL parser.
    whole = "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return "".join(f"%{byte:02X}" for byte in whole.encode())
