"""The modules of rnnviz that a module needs, as text, to be included in a script.

Packages are reduced to the names that are imported from them, so that one task does not bring all
the others.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder in which the package lies."""


class ModuleSources:
    """The `modules` and everything that they import from rnnviz, found by reading their source."""

    def __init__(self, *modules: str, replaced: Mapping[str, str] | None = None) -> None:
        """`replaced`: the texts of modules that stand in for those of the package."""
        self._replaced = dict(replaced or {})
        self._modules: set[str] = set()
        self._package_names: dict[str, set[str]] = {}
        self._external: set[str] = set()
        for module in modules:
            self._add_module(module)

    def files(self) -> dict[str, str]:
        """Path and text of every module; those of packages hold only what is imported from them."""
        texts = {}
        for package, names in self._package_names.items():
            texts[f"{package.replace('.', '/')}/__init__.py"] = _reduced_package(package, names)
        for module in self._modules:
            texts[_path(module).relative_to(ROOT).as_posix()] = self._text(module)
        return dict(sorted(texts.items()))

    @property
    def external(self) -> frozenset[str]:
        """The packages outside of rnnviz that are imported, the standard library included."""
        return frozenset(self._external)

    def _add_module(self, module: str) -> None:
        """Add `module`, which is no package, and what it imports."""
        if module in self._modules:
            return
        self._modules.add(module)
        self._add_package(module.rpartition(".")[0])
        for node in _imports(ast.parse(self._text(module))):
            self._add_imports(node)

    def _text(self, module: str) -> str:
        text = self._replaced.get(module)
        return _path(module).read_text(encoding="utf-8") if text is None else text

    def _add_package(self, package: str) -> None:
        """Add a package and its parents, which are imported before what they contain."""
        while package:
            self._package_names.setdefault(package, set())
            package = package.rpartition(".")[0]

    def _add_imports(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            self._external |= {alias.name.partition(".")[0] for alias in node.names}
        elif node.module and node.module.partition(".")[0] != "rnnviz":
            self._external.add(node.module.partition(".")[0])
        elif node.module:
            for alias in node.names:
                self._add_name(node.module, alias.name)

    def _add_name(self, module: str, name: str) -> None:
        """Add what defines `name`; `module` may be a package, or have a module of that name."""
        if not _is_package(module):
            self._add_module(module)
        elif _path(f"{module}.{name}").is_file():
            self._add_module(f"{module}.{name}")
        else:
            self._add_package(module)
            if name not in self._package_names[module]:
                self._package_names[module].add(name)
                self._add_name(_origins(module)[name], name)


def _is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/") / "__init__.py").is_file()


def _path(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """All imports under `node`, those for type checking left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        else:
            yield from _imports(child)


def _origins(package: str) -> dict[str, str]:
    """The module from which `package` imports each of its names."""
    return {
        alias.name: str(node.module)
        for node in _parse(_path(f"{package}.__init__")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _reduced_package(package: str, names: set[str]) -> str:
    """The `__init__` of `package` that imports `names` and nothing else, in the same order."""
    tree = _parse(_path(f"{package}.__init__"))
    lines = [f'"""{(ast.get_docstring(tree) or package).splitlines()[0]}"""', ""]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            needed = [alias.name for alias in node.names if alias.name in names]
            if needed:
                lines.append(f"from {node.module} import {', '.join(needed)}")
    return "\n".join(lines) + "\n"
