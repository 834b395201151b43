"""The text of a script before it runs: checked against its language mode, and made to behave as on the platform.

Three things of the platform's engine have no counterpart in a standard one, so the text is changed in place, never
across lines: a field without a value counts as false where a truth is asked for, a field compares with `==` by its
value, and a caught error speaks the platform's words. For a coverage report each statement also counts itself.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sandtable.scripting.engine import language
from sandtable.scripting.engine.language import ES_LATEST, Refusal, walk

TRUTH, EQUAL, CAUGHT, COUNT = "__truth", "__equal", "__caught", "__count"
_FIELDS = frozenset({"member_expression", "identifier", "subscript_expression", "call_expression"})
_SCALARS = frozenset({"string", "template_string", "number", "unary_expression", "regex", "function_expression"})
_DECLARATIONS = frozenset(
    {
        "variable_declaration",
        "lexical_declaration",
        "function_declaration",
        "generator_function_declaration",
        "class_declaration",
    }
)
_FUNCTIONS = frozenset(
    {
        "function_expression",
        "function_declaration",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
        "class_declaration",
        "class",
    }
)
_LISTS = frozenset({"program", "statement_block", "switch_case", "switch_default"})
_BRANCHES = frozenset(
    {"if_statement", "else_clause", "while_statement", "do_statement", "for_statement", "for_in_statement"}
)
_NO_STATEMENT = frozenset({"comment", "{", "}", ";", "case", "default", ":", "html_comment", "hash_bang_line"})


_SUSPICIOUS = re.compile(
    r"prototype|__proto__|constructor|defineProp|__define|\beval\b|\bFunction\b|globalThis|Reflect|extend\s*\(|\[[^\]\d'\"]*[+'\"]"
    r"|\b(?:Object|Array|String|Number|Boolean|Date|RegExp|Error|Math|JSON|Promise|Map|Set|Symbol|Class|JSUtil|ArrayUtil"
    r"|Glide\w+|XML\w+|AbstractAjaxProcessor)\s*[.\[]\s*\w+\s*(?:=[^=]|\[)|\bassign\b"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A script ready to run.

    `declares`: it has declarations of its own at the top, so it must be evaluated as a program each time; otherwise it
    is the body of a function, which can be kept. `single`: it is one expression, and the body returns its value.
    `returns`: it returns from the top, which a program cannot. `suspicious`: it names what belongs to the language or
    the platform in a way that could change it, so what it leaves behind is looked at. `leaves_globals`: it may leave
    variables behind, so somebody has to tidy up after it. `lines` are those that hold statements. `doubts` are
    constructs that the platform does not vouch for.
    """

    text: str
    prepared: str
    digest: str
    declares: bool
    single: bool
    lines: tuple[int, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())
    returns: bool = False
    suspicious: bool = False
    leaves_globals: bool = True
    broken: bool = False
    doubts: tuple[str, ...] = ()


# A parser is the library's own and keeps nothing between texts.
@lru_cache(maxsize=1)
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


# What a text becomes depends on the text alone, so instances may share it.
@lru_cache(maxsize=2048)
def prepare(text: str, mode: str = ES_LATEST, *, counted: bool = False) -> Source:
    """Return a script ready to run; `counted` makes each statement count itself for a coverage report."""
    digest = hashlib.sha256(f"{mode} {counted} {text}".encode("utf-8", "surrogatepass")).hexdigest()
    raw = text.encode("utf-8", "replace")
    root = _parser().parse(raw).root_node
    refusals = language.refusals(root, raw, mode)
    statements = [child for child in root.children if child.type not in _NO_STATEMENT]
    declares = any(_declares(child) for child in statements)
    single = len(statements) == 1 and statements[0].type == "expression_statement"
    if root.has_error:
        # What the parser of this page does not understand runs as it is: the engine has the last word.
        return Source(text, text, digest, declares=True, single=False, refusals=refusals, suspicious=True, broken=True)
    edits: list[tuple[int, int, str]] = []
    lines: set[int] = set()
    _rewrite(root, edits, lines, digest[:12] if counted else "")
    if single:
        edits.append((statements[0].start_byte, 4, "return "))
    prepared = _applied(raw, edits)
    returns = any(_returns(child) for child in statements)
    suspicious = _SUSPICIOUS.search(text) is not None
    found = tuple(sorted(lines))
    leaves = declares or _leaves_globals(root)
    doubts = language.doubts(root, mode)
    return Source(text, prepared, digest, declares, single, found, refusals, returns, suspicious, leaves, doubts=doubts)


def _declares(node: Any) -> bool:
    """Tell whether a statement declares names of the program: var anywhere outside of functions, or at the top."""
    if node.type in _DECLARATIONS:
        return True
    if node.type == "for_in_statement" and node.child_by_field_name("kind") is not None:
        return True
    return node.type not in _FUNCTIONS and any(_declares(child) for child in node.children)


def _returns(node: Any) -> bool:
    if node.type == "return_statement":
        return True
    return node.type not in _FUNCTIONS and any(_returns(child) for child in node.children)


_PLACE_VARIABLES = frozenset(
    {"ignore", "error", "error_message", "status_message", "answer", "response", "action", "target"}
)
_DECLARING = frozenset(
    {"formal_parameters", "variable_declarator", "catch_clause", "function_declaration", "for_in_statement"}
)


def _leaves_globals(root: Any) -> bool:
    """Tell whether a script that declares nothing at its top may set globals: it assigns what it does not declare."""
    declared: set[bytes] = set()
    assigned: set[bytes] = set()
    for node in walk(root):
        kind = node.type
        if kind in ("this", "with_statement") or (
            kind == "identifier" and node.text in (b"eval", b"Function", b"globalThis")
        ):
            return True
        if kind in ("assignment_expression", "augmented_assignment_expression"):
            left = node.child_by_field_name("left")
            if left is not None and left.type not in ("member_expression", "subscript_expression"):
                assigned |= {each.text for each in walk(left) if each.type.endswith("identifier")}
        elif kind == "update_expression":
            argument = node.child_by_field_name("argument")
            if argument is not None and argument.type == "identifier":
                assigned.add(argument.text)
        elif kind == "for_in_statement":
            left = node.child_by_field_name("left")
            names = declared if node.child_by_field_name("kind") is not None else assigned
            if left is not None:
                names |= {each.text for each in walk(left) if each.type.endswith("identifier")}
        elif kind in _DECLARING:
            fields = ("name", "parameter") if kind != "formal_parameters" else ()
            parts = [node] if kind == "formal_parameters" else [node.child_by_field_name(each) for each in fields]
            declared |= {
                each.text
                for part in parts
                if part is not None
                for each in walk(part)
                if each.type.endswith("identifier")
            }
        elif kind == "arrow_function":
            lone = node.child_by_field_name("parameter")
            if lone is not None:
                declared.add(lone.text)
    return bool({each.decode("utf-8", "replace") for each in assigned - declared} - _PLACE_VARIABLES)


def _rewrite(root: Any, edits: list[tuple[int, int, str]], lines: set[int], counted: str) -> None:
    for node in walk(root):
        kind = node.type
        if kind == "binary_expression":
            _binary(node, edits)
        elif kind == "unary_expression":
            if node.children[0].type == "!":
                _truth(node.children[1], edits)
        elif kind in ("if_statement", "while_statement", "do_statement", "ternary_expression"):
            _truth(node.child_by_field_name("condition"), edits)
        elif kind == "for_statement":
            condition = node.child_by_field_name("condition")
            if condition is not None:
                _truth(condition.children[0] if condition.type == "expression_statement" else condition, edits)
        elif kind == "catch_clause":
            _catch(node, edits)
        if kind in _LISTS:
            _count(node, edits, lines, counted)
        elif kind in _BRANCHES:
            _count_lone(node, edits, lines, counted)


def _inner(node: Any) -> Any:
    while node is not None and node.type == "parenthesized_expression":
        node = next((child for child in node.children if child.is_named and child.type != "comment"), None)
    return node


def _truth(node: Any, edits: list[tuple[int, int, str]]) -> None:
    node = _inner(node)
    if node is None or node.type not in _FIELDS:
        return
    if node.type == "call_expression":
        called = node.child_by_field_name("function")
        if called is None or not called.text.endswith(b"getElement"):
            return  # nothing else that is called answers a field
    _wrap(node, TRUTH, edits)


def _wrap(node: Any, function: str, edits: list[tuple[int, int, str]]) -> None:
    edits.append((node.start_byte, 1, f"{function}("))
    edits.append((node.end_byte, 0, ")"))


def _binary(node: Any, edits: list[tuple[int, int, str]]) -> None:
    left, operator, right = (node.child_by_field_name(each) for each in ("left", "operator", "right"))
    if left is None or operator is None or right is None:
        return
    if operator.type in ("&&", "||"):
        _truth(left, edits)
    elif operator.type in ("==", "!="):
        inner = (_inner(left), _inner(right))
        if any(each is None or each.type in _SCALARS for each in inner):
            return  # conversion to text or number does the same
        if not any(each.type in _FIELDS for each in inner):
            return
        negation = "!" if operator.type == "!=" else ""
        edits.append((node.start_byte, 1, f"({negation}{EQUAL}("))
        edits.append((operator.start_byte, 2, operator.type))
        edits.append((node.end_byte, 0, "))"))


def _catch(node: Any, edits: list[tuple[int, int, str]]) -> None:
    parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
    if parameter is not None and parameter.type == "identifier" and body is not None:
        name = parameter.text.decode("utf-8", "replace")
        edits.append((body.start_byte + 1, 1, f"{name}={CAUGHT}({name});"))


def _count(node: Any, edits: list[tuple[int, int, str]], lines: set[int], counted: str) -> None:
    prologue = True
    values = {child.id for child in node.children_by_field_name("value")}  # `case VALUE:` is no statement
    for child in node.children:
        if child.type in _NO_STATEMENT or child.id in values or not child.is_named:
            continue
        line = child.start_point[0] + 1
        if prologue and child.type == "expression_statement" and child.children[0].type == "string":
            continue
        prologue = False
        if child.type in ("function_declaration", "generator_function_declaration"):
            continue
        lines.add(line)
        if counted:
            edits.append((child.start_byte, 3, f"{COUNT}('{counted}',{line});"))


def _count_lone(node: Any, edits: list[tuple[int, int, str]], lines: set[int], counted: str) -> None:
    """Count the statement of a branch or loop that has no braces, which then gets some."""
    bodies = [node.child_by_field_name(each) for each in ("consequence", "body")]
    if node.type == "else_clause":
        bodies = [child for child in node.children if child.is_named and child.type != "comment"]
    for body in bodies:
        if body is None or body.type in ("statement_block", "if_statement", "empty_statement"):
            continue
        line = body.start_point[0] + 1
        lines.add(line)
        if counted:
            edits.append((body.start_byte, 3, f"{{{COUNT}('{counted}',{line});"))
            edits.append((body.end_byte, 0, "}"))


def _applied(raw: bytes, edits: list[tuple[int, int, str]]) -> str:
    """Return the text with each insertion made; a replaced operator becomes the comma between two arguments."""
    # At one place: closing brackets of what ends there, then counting, then opening brackets from the outermost on.
    out: list[bytes] = []
    position = 0
    rank = {0: 0, 3: 1, 4: 2, 1: 3, 2: 4}
    for at, kind, text in sorted(edits, key=lambda edit: (edit[0], rank[edit[1]])):
        out.append(raw[position:at])
        position = at
        if kind == 2:
            out.append(b",")
            position = at + len(text)
        else:
            out.append(text.encode())
    out.append(raw[position:])
    return b"".join(out).decode("utf-8")
