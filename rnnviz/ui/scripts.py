"""Joins the JavaScript modules of a component into the one text that Streamlit accepts.

The modules under `assets/` stay readable and run under `node --test` as they are; a component's
script is one text, so its imports, all of them lists of names, are resolved here.
"""

import re
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"

_IMPORT = re.compile(r'^import \{\s[^}]+\s\} from "(\.{1,2}/[^"]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.MULTILINE)
_TOP_LEVEL = re.compile(
    r"^(?:export (?:default )?)?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE
)


class ScriptError(ValueError):
    """The modules of a component cannot be joined into one."""


def component_modules(folder: str, assets: Path = ASSETS) -> list[Path]:
    """The modules that `assets/<folder>/main.js` needs, each after those that it imports.

    Raises:
        ScriptError: the imports are circular.
    """
    ordered: list[Path] = []

    def visit(module: Path, importers: tuple[Path, ...]) -> None:
        if module in importers:
            raise ScriptError(f"{module.name} imports itself through {importers[-1].name}")
        if module in ordered:
            return
        for address in _IMPORT.findall(module.read_text(encoding="utf-8")):
            visit((module.parent / address).resolve(), (*importers, module))
        ordered.append(module)

    visit((assets / folder / "main.js").resolve(), ())
    return ordered


@cache
def component_source(folder: str, assets: Path = ASSETS) -> str:
    """`assets/<folder>/main.js` and all that it imports as one module, the only export its default.

    Raises:
        ScriptError: two modules declare the same name at top level, or an import is not a list of
            names.
    """
    owners: dict[str, str] = {}
    parts: list[str] = []
    for module in component_modules(folder, assets):
        text = module.read_text(encoding="utf-8")
        for name in _TOP_LEVEL.findall(text):
            if name in owners:
                raise ScriptError(f"{name} is declared in {owners[name]} and in {module.name}")
            owners[name] = module.name
        body = _EXPORT.sub("", _IMPORT.sub("", text)).strip()
        if re.search(r"^import\b", body, re.MULTILINE):
            raise ScriptError(f"{module.name} has an import that is not a list of names")
        parts.append(f"// {module.parent.name}/{module.name}\n{body}\n")
    return "\n".join(parts)
