"""Sums that a person asks for in passing."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

_WORDS: Mapping[str, str] = {
    r"\b(?:multiplied by|times|(?:умножить|умноженное|умножь|помножить) на)\b": "*",
    r"\b(?:divided by|over|(?:разделить|делить|раздели|подели) на)\b": "/",
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
_NUMBER = r"(\d{1,12}(?:\.\d{1,6})?)"
_ROOT = re.compile(
    rf"(?:square root (?:of|from)|(?:квадратн\w+ )?корень (?:квадратный )?из|√)\s*{_NUMBER}", re.IGNORECASE
)
_SHARE = re.compile(
    rf"{_NUMBER}\s*(?:%|per ?cent|процент\w*)\s*(?:of|от|из)(?: числа)?\s+{_NUMBER}", re.IGNORECASE
)
_STEP = re.compile(
    r"\W*?(?:(?:and|then|now|а|и|теперь|еще|ещё)\b\s*)*([-+*/]\s*[\d(].*)", re.IGNORECASE | re.DOTALL
)
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


def go_on(answer: str, text: str) -> tuple[str, str] | None:
    """`And plus 5?`: the sum that goes on from an earlier answer's result; None if there is none."""
    result = re.search(r"= (-?\d+(?:\.\d+)?)$", answer)
    step = _STEP.match(_in_signs(text))
    return solve(f"{result[1]} {step[1]}") if result and step else None


def _in_signs(text: str) -> str:
    for words, sign in _WORDS.items():
        text = re.sub(words, sign, text, flags=re.IGNORECASE)
    return text


def _named(text: str) -> tuple[str, str] | None:
    """Roots and percentages, which have words of their own."""
    if root := _ROOT.search(text):
        return f"√{root[1]}", _shown(float(root[1]) ** 0.5)
    if share := _SHARE.search(text):
        return f"{share[1]} % × {share[2]}", _shown(float(share[1]) * float(share[2]) / 100)
    return None


def _shown(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")


def solve(text: str) -> tuple[str, str] | None:
    """The first sum in a text and its result, both as text; None if there is none."""
    if named := _named(text):
        return named
    for match in _SUM.finditer(_in_signs(text)):
        found = match[0].strip()
        if not re.search(r"\d\s*[+*/-]|\)\s*[+*/-]", found) or re.fullmatch(r"\d{4}-\d\d-\d\d", found):
            continue
        try:
            value = _value(ast.parse(found, mode="eval").body)
        except ZeroDivisionError:
            return found, "undefined"
        except (SyntaxError, ValueError):
            continue
        return found, _shown(value)
    return None
