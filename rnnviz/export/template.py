"""Fills a template of a script: a Python file that is a valid program before and after.

Comments mark what the exporter selects:

    # [if plain and not dropout]      these lines, where the conditions hold,
    # [else]                          or else those,
    # [end]

    # [fill task]                     these lines are an example; a text takes their place,
    # [end]                           indented like the first marker

A constant at top level, `NAME = value  # comment`, gets a value of its own. What is then left over
at top level, an import, a constant, a function or a class that nothing uses, is left out.
"""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

TEMPLATES = Path(__file__).parent / "templates"

_MARKER = re.compile(r"^(?P<indent> *)# \[(?P<word>if|fill|else|end)(?: (?P<argument>[^\]]+))?\]$")
_CONSTANT = re.compile(r"^(?P<name>[A-Z][A-Z_]*) = .*?(?P<comment>  # .*)?$", re.MULTILINE)


def render(
    template: str,
    conditions: Mapping[str, bool],
    fills: Mapping[str, str],
    constants: Mapping[str, str],
) -> str:
    """The script that `template` becomes.

    Args:
        template: the text of a file in `templates`.
        conditions: whether each name in an `[if ...]` holds.
        fills: the text in the place of each `[fill ...]`.
        constants: the source of the value of each constant that is left.

    Raises:
        KeyError: the template asks for a name that is not there.
    """
    selected = _without_unused(_select(template, conditions, fills))

    def with_value(match: re.Match[str]) -> str:
        return f"{match['name']} = {constants[match['name']]}{match['comment'] or ''}"

    # In one pass, so that nothing in a value is taken for a part of the template.
    return _CONSTANT.sub(with_value, _with_even_blanks(selected))


def _select(template: str, conditions: Mapping[str, bool], fills: Mapping[str, str]) -> str:
    """The lines of all regions whose conditions hold, and the fills."""
    lines: list[str] = []
    open_regions: list[bool] = []  # whether the lines of each region around this one are used
    for line in template.splitlines():
        marker = _MARKER.match(line)
        if marker is None:
            if all(open_regions):
                lines.append(line)
        elif marker["word"] == "if":
            open_regions.append(_holds(marker["argument"], conditions))
        elif marker["word"] == "fill":
            if all(open_regions):
                lines.append(indent(fills[marker["argument"]], marker["indent"]))
            open_regions.append(False)
        elif marker["word"] == "else":
            open_regions[-1] = not open_regions[-1]
        else:
            open_regions.pop()
    assert not open_regions, "a region has no end"
    return "\n".join(lines) + "\n"


def _holds(expression: str, conditions: Mapping[str, bool]) -> bool:
    """Whether "a and not b or c" holds; `and` binds closer than `or`."""
    return any(
        all(
            conditions[name.removeprefix("not ")] != name.startswith("not ")
            for name in alternative.split(" and ")
        )
        for alternative in expression.split(" or ")
    )


def _without_unused(source: str) -> str:
    """`source` without what it defines or imports at top level and does not use."""
    while True:
        body = ast.parse(source).body
        names = [_names_used(part) for part in body]
        unused = [
            part
            for number, part in enumerate(body)
            if (defined := _defined_names(part))
            and not defined & set().union(*names[:number], *names[number + 1 :])
        ]
        if not unused:
            return source
        lines = source.splitlines()
        for part in reversed(unused):
            decorators = getattr(part, "decorator_list", [])
            first = min([part.lineno, *(decorator.lineno for decorator in decorators)])
            del lines[first - 1 : part.end_lineno]
        source = "\n".join(lines) + "\n"


def _names_used(statement: ast.stmt) -> set[str]:
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _defined_names(statement: ast.stmt) -> set[str]:
    """The names that a statement at top level binds; none for what has another effect."""
    match statement:
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {alias.name for alias in aliases}
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=[ast.Name(id=name)]):
            return {name}
    return set()


def _with_even_blanks(source: str) -> str:
    """At most two blank lines in a row, and one within functions."""
    return re.sub(r"\n{3,}(?= )", "\n\n", re.sub(r"\n{4,}", "\n\n\n", source))
