"""YAML texts, whose aliases may not stand for far more than is written."""

from __future__ import annotations

from typing import Any

import yaml

MOST_NODES = 100_000


def load_yaml(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the nodes of a YAML text, which know their lines, and its value.

    Raises yaml.YAMLError, for a text too whose aliases are written out longer than MOST_NODES values: whoever walks
    through the value would never come back.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _refuse_expanding(root)
        return root, yaml.safe_load(text)
    except RecursionError:
        raise yaml.YAMLError("it is nested too deeply") from None


def _refuse_expanding(root: yaml.Node) -> None:
    """Add up how many values each node stands for, those that it is made of first and each of them once."""
    sizes: dict[int, int] = {}
    waiting: list[tuple[yaml.Node, bool]] = [(root, False)]
    open_nodes: set[int] = set()
    while waiting:
        node, entered = waiting.pop()
        inner = _inside(node)
        if entered:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(each)] for each in inner)
            if sizes[id(node)] > MOST_NODES:
                raise _refusal(f"it stands for more than {MOST_NODES} values, by way of its aliases", node)
        elif id(node) not in sizes:
            if id(node) in open_nodes:
                raise _refusal("it contains itself, by way of an alias", node)
            open_nodes.add(id(node))
            waiting.append((node, True))
            waiting += [(each, False) for each in inner]


def _inside(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _refusal(problem: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
