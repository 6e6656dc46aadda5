"""The modules of rnnviz that a module needs, as text: what a script takes along.

Packages are cut down to the names that are really asked of them, so that one task does not bring
all the others.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder in which the package lies."""


class Closure:
    """Everything that the `modules` import from rnnviz, found by reading their source."""

    def __init__(self, *modules: str) -> None:
        self._modules: set[str] = set()
        self._names: dict[str, set[str]] = {}
        self._foreign: set[str] = set()
        for module in modules:
            self._visit(module)

    def files(self) -> dict[str, str]:
        """Path and text of every module; those of packages hold only what is asked of them."""
        found = {}
        for package, names in self._names.items():
            found[f"{package.replace('.', '/')}/__init__.py"] = _cut_down(package, names)
        for module in self._modules:
            path = _path(module)
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        return dict(sorted(found.items()))

    @property
    def foreign(self) -> frozenset[str]:
        """The packages outside of rnnviz that are imported, Python's own included."""
        return frozenset(self._foreign)

    def _visit(self, module: str) -> None:
        """`module`, which is no package, and what it imports."""
        if module in self._modules:
            return
        self._modules.add(module)
        self._enter(module.rpartition(".")[0])
        for node in _imports(_tree(_path(module))):
            self._follow(node)

    def _enter(self, package: str) -> None:
        """A package, and those that it lies in, are imported before what they hold."""
        while package:
            self._names.setdefault(package, set())
            package = package.rpartition(".")[0]

    def _follow(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            self._foreign |= {alias.name.partition(".")[0] for alias in node.names}
        elif node.module and node.module.partition(".")[0] != "rnnviz":
            self._foreign.add(node.module.partition(".")[0])
        elif node.module:
            for alias in node.names:
                self._want(node.module, alias.name)

    def _want(self, module: str, name: str) -> None:
        """`name` is imported from `module`, which may be a package or have one of that name."""
        if not _is_package(module):
            self._visit(module)
        elif _path(f"{module}.{name}").is_file():
            self._visit(f"{module}.{name}")
        else:
            self._enter(module)
            if name not in self._names[module]:
                self._names[module].add(name)
                self._want(_origins(module)[name], name)


def _is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/") / "__init__.py").is_file()


def _path(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def _tree(path: Path) -> ast.Module:
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
    """The module from which `package` has each of the names that it hands on."""
    tree = _tree(_path(f"{package}.__init__"))
    return {
        alias.name: str(node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _cut_down(package: str, names: set[str]) -> str:
    """The `__init__` of `package` that hands on `names` and nothing else, in the same order."""
    tree = _tree(_path(f"{package}.__init__"))
    lines = [f'"""{(ast.get_docstring(tree) or package).splitlines()[0]}"""', ""]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            wanted = [alias.name for alias in node.names if alias.name in names]
            if wanted:
                lines.append(f"from {node.module} import {', '.join(wanted)}")
    return "\n".join(lines) + "\n"
