"""Texts of each form that a request may have, with some of their values replaced: forms, XML, multipart, CSV, queries.

What is replaced is for a `Judge` to say: it gets the name and the value, and returns what is shown instead, or None.
Each form's work grows with the length of the text. What needs no name to be known, such as a private key, is struck out
of every text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import quote, unquote_plus

from sandtable.core.query.language.operators import ANY_SPELLING
from sandtable.core.values.secret_names import STARS, is_secret_name

Judge = Callable[[str, str], "str | None"]
DEEPEST_ADDRESS = 3
_BEGIN, _END, _KEY = "-----BEGIN ", "-----END ", "PRIVATE KEY-----"
# A user and a password before the host of an address.
_USERINFO = re.compile(r"(?<=://)[^/\s@\"'<>?#\\]{0,200}@")
# What a page of the platform hands to its own scripts.
_PAGE_TOKEN = re.compile(r"(?<=g_ck)(\s{0,4}=\s{0,4}['\"])[^'\"]*+")
_ATTRIBUTE = re.compile(r"(?<![\w:.-])([\w:.-]++)(\s*+=\s*+)(\"[^\"]*+\"|'[^']*+')")
_COLUMN = re.compile(r"(?:123TEXT[A-Z]++321|[a-z0-9_.]++)")
_ANY_COLUMN = re.compile(r"[\w.]++")
_OPERATOR = re.compile(rf"\s*+(?:{ANY_SPELLING})")
_PART_NAME = re.compile(r"\bname=\"([^\"]{0,200})\"")
_QUERIES = ("query", "filter", "condition", "conditions")


def keys_shown(text: str) -> str:
    """Return a text without private keys, without passwords before hosts, and without the tokens of pages."""
    text = _USERINFO.sub(f"{STARS}@", text) if "://" in text else text
    text = _PAGE_TOKEN.sub(rf"\1{STARS}", text) if "g_ck" in text else text
    if _KEY not in text:
        return text
    pieces: list[str] = []
    position = 0
    while (begin := text.find(_BEGIN, position)) >= 0:
        line = text.find(_KEY, begin, begin + 80)
        if line < 0:
            pieces.append(text[position : begin + len(_BEGIN)])
            position = begin + len(_BEGIN)
            continue
        end = text.find(_END, line)
        close = text.find(_KEY, end, end + 80) if end >= 0 else -1
        pieces += [text[position : line + len(_KEY)], STARS]
        position = end if close >= 0 else len(text)
    return "".join([*pieces, text[position:]])


def form_shown(text: str, judge: Judge) -> str:
    """Return a form, or the query of an address, with what its names say is not for everybody replaced."""
    return "&".join(_parameter(part, judge, 0) for part in text.split("&"))


def address_shown(target: str, judge: Judge, depth: int = 0) -> str:
    """Return an address with the values of such parameters replaced, in the addresses that it carries as well."""
    path, mark, query = target.partition("?")
    if not mark:
        return target
    query, hash_mark, fragment = query.partition("#")
    return f"{path}?{'&'.join(_parameter(part, judge, depth) for part in query.split('&'))}{hash_mark}{fragment}"


def _parameter(part: str, judge: Judge, depth: int) -> str:
    name, equals, given = part.partition("=")
    if not equals:
        return part
    plain, value = unquote_plus(name), unquote_plus(given)
    shown = judge(plain, value)
    if shown is None:
        shown = value
        if plain.strip().lower().endswith(_QUERIES):
            shown = query_shown(value, judge)
        elif "?" in value and depth < DEEPEST_ADDRESS:
            shown = address_shown(value, judge, depth + 1)
        shown = keys_shown(shown)
        if shown == value:
            return part
    return f"{name}={quote(shown, safe='*=^,.', errors='replace')}"


def query_shown(text: str, judge: Judge) -> str:
    """Return an encoded query with the values that it compares such columns with replaced, whatever the operator."""
    pieces = text.replace("^^", "\x00").split("^")
    return "^".join(_condition(each, judge) for each in pieces).replace("\x00", "^^")


def _condition(piece: str, judge: Judge) -> str:
    prefix = next((each for each in ("OR", "NQ") if piece.startswith(each)), "")
    rest = piece[len(prefix) :]
    for pattern in (_COLUMN, _ANY_COLUMN):
        column = pattern.match(rest)
        operator = _OPERATOR.match(rest, column.end()) if column is not None else None
        if column is None or operator is None:
            continue
        value = rest[operator.end() :]
        shown = judge(column[0].rpartition(".")[2], value.replace("\x00", "^")) if value else None
        return piece if shown is None else f"{prefix}{rest[: operator.end()]}{shown}"
    return piece


def xml_shown(text: str, judge: Judge) -> str:
    """Return an XML or HTML text with such elements emptied, whatever their prefix, and such attributes."""
    out: list[str] = []
    opened: list[tuple[str, int, bool]] = []  # name, where its content begins in `out`, whether it has elements inside
    names: dict[str, int] = {}
    position = 0

    def close() -> None:
        name, start, inner = opened.pop()
        names[name] -= 1
        content = "".join(out[start:]) if not inner or is_secret_name(name) else ""
        if not content.strip():
            return
        plain = unescape(content.strip().removeprefix("<![CDATA[").removesuffix("]]>"))
        shown = judge(name, plain)
        if shown is not None:
            out[start:] = [escape(shown, quote=False)]

    while position < len(text):
        begin = text.find("<", position)
        if begin < 0:
            break
        out.append(text[position:begin])
        position = _end_of_tag(text, begin)
        tag = text[begin:position]
        if tag.startswith(("<!", "<?")):
            out.append(tag)
        elif tag.startswith("</"):
            name = _local(tag[2:])
            while names.get(name, 0):
                last = opened[-1][0]
                close()
                if last == name:
                    break
            out.append(tag)
        else:
            out.append(_ATTRIBUTE.sub(lambda found: _attribute(found, judge, tag), tag))  # noqa: B023 - used at once
            if opened and not opened[-1][2]:
                opened[-1] = (*opened[-1][:2], True)
            if not tag.rstrip(">").endswith("/"):
                name = _local(tag[1:])
                opened.append((name, len(out), False))
                names[name] = names.get(name, 0) + 1
    out.append(text[position:])
    while opened:
        close()
    return "".join(out)


def _end_of_tag(text: str, begin: int) -> int:
    for start, mark in (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<", ">")):
        if text.startswith(start, begin):
            end = text.find(mark, begin)
            return len(text) if end < 0 else end + len(mark)
    return begin + 1


def _local(tag: str) -> str:
    name = tag.strip("/> \t\r\n").split(None, 1)[0] if tag.strip("/> \t\r\n") else ""
    return name.rpartition(":")[2]


def _attribute(found: re.Match[str], judge: Judge, tag: str) -> str:
    name, equals, quoted = found.groups()
    named = _named_in(tag) if name.lower() in ("value", "content") else name.rpartition(":")[2]
    shown = judge(named, unescape(quoted[1:-1])) if quoted[1:-1] and named else None
    return found.group() if shown is None else f"{name}{equals}{quoted[0]}{escape(shown)}{quoted[0]}"


def _named_in(tag: str) -> str:
    """Return what the field of a form is called, of which `value` is the value."""
    for found in _ATTRIBUTE.finditer(tag):
        if found[1].lower() in ("name", "id"):
            return found[3][1:-1]
    return ""


def multipart_shown(text: str, judge: Judge, body: Callable[[str, str], str]) -> str:
    """Return a multipart text with such parts replaced; files in it are shown as `body(text, content_type)`."""
    boundary = text.partition("\n")[0].strip()
    parts = text.split(boundary) if boundary else [text]
    return boundary.join(_part(each, judge, body) for each in parts)


def _part(part: str, judge: Judge, body: Callable[[str, str], str]) -> str:
    gap = "\r\n\r\n" if "\r\n\r\n" in part else "\n\n"
    head, between, content = part.partition(gap)
    named = _PART_NAME.search(head)
    if not between or named is None:
        return part
    value = content.rstrip("\r\n")
    shown = judge(named[1], value) if value else None
    if shown is None:
        kind = next((line for line in head.splitlines() if line.lower().startswith("content-type:")), "")
        shown = body(value, kind.partition(":")[2].strip())
    return f"{head}{between}{shown}{content[len(value) :]}"


def csv_shown(text: str, judge: Judge) -> str:
    """Return a CSV text with the cells of such columns replaced; untouched when there is nothing to replace."""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    names = next((line for line in lines if line), [])
    found = False
    for line in lines[lines.index(names) + 1 :] if names else []:
        for index, (name, cell) in enumerate(zip(names, line, strict=False)):
            shown = judge(name.strip(), cell) if cell else None
            if shown is not None:
                line[index], found = shown, True
    if not found:
        return text
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n" if "\r\n" in text else "\n").writerows(lines)
    return stream.getvalue()
