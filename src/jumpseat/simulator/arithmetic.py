"""Sums that a person asks for in passing."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

_WORDS: Mapping[str, str] = {
    r"\b(?:multiplied by|times|умножить на|умноженное на)\b": "*",
    r"\b(?:divided by|over|разделить на|делить на)\b": "/",
    r"\b(?:plus|плюс)\b": "+",
    r"\b(?:minus|минус)\b": "-",
    r"[×·]": "*",
    r"[÷:]": "/",
    r"[−–]": "-",
    r"\^": "**",
    r"(?<=\d)\s*[xх]\s*(?=\d)": "*",
    r"(?<=\d),(?=\d{3}\b)": "",
}
_SUM = re.compile(r"[(\d][\d\s.()+*/-]*[\d)]")
_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}
MOST = 1e15


def _value(node: ast.expr) -> float:
    """The value of an expression of numbers and operators; ValueError for anything else or too big."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if not isinstance(node, ast.BinOp) or type(node.op) not in _OPERATIONS:
        raise ValueError("not a sum")
    left, right = _value(node.left), _value(node.right)
    if isinstance(node.op, ast.Pow) and (abs(left) > 1000 or not 0 <= right <= 10):
        raise ValueError("too big")
    result = _OPERATIONS[type(node.op)](left, right)
    if abs(result) > MOST:
        raise ValueError("too big")
    return result


def solve(text: str) -> tuple[str, str] | None:
    """The first sum in a text and its result, both as text; None if there is none."""
    for words, sign in _WORDS.items():
        text = re.sub(words, sign, text, flags=re.IGNORECASE)
    for match in _SUM.finditer(text):
        found = match[0].strip()
        if not re.search(r"\d\s*[+*/-]|\)\s*[+*/-]", found) or re.fullmatch(r"\d{4}-\d\d-\d\d", found):
            continue
        try:
            value = _value(ast.parse(found, mode="eval").body)
        except ZeroDivisionError:
            return found, "undefined"
        except (SyntaxError, ValueError):
            continue
        return found, f"{value:.10f}".rstrip("0").rstrip(".")
    return None
