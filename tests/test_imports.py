"""No circular imports: a file imports only from the floors below its own."""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import deltaprop

ROOT = Path(deltaprop.__file__).parent
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
    if path != ROOT / "__init__.py"
}

#: From the bottom up; a file imports from floors below its own, and from its own package.
FLOORS = (
    {"reductions"},
    {"errors"},
    {
        "batching",
        "bounds",
        "distributed",
        "files",
        "seeds",
        "serialization",
        "shortcuts",
        "stratified",
        "style",
    },
    {"functions"},
    {"layers"},
    {"blocks", "contradictions", "data", "formula", "layout", "optimizers", "trace", "trial_log"},
    {"engines"},
    {"network"},
    {"model_file", "plots"},
    {"curvature"},
    {"solvers"},
    {"training", "recipes", "interop", "search"},
    {"estimators", "report"},
    {"commands"},
    {"sweeps"},
    {"experiments", "exercises", "playground"},
    {"cli"},
    {"__main__"},
)


def imports(name: str) -> Iterator[str]:
    """The files that a file imports, in functions too, but for what only type checkers read."""
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]

    def walk(node: ast.AST) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.ImportFrom) and child.level:
                parents = package.split(".") if package else []
                base = parents[: len(parents) - child.level + 1] + (child.module or "").split(".")
                for alias in child.names:
                    target = ".".join(filter(None, [*base, alias.name]))
                    if target not in FILES and child.module:  # a name of the file rather than a file
                        target = ".".join(filter(None, base))
                    if target in FILES:
                        yield target
            yield from walk(child)

    yield from walk(ast.parse(FILES[name].read_text(encoding="utf-8")))


def floor(name: str) -> int:
    """The number of a file's floor."""
    return next(i for i, names in enumerate(FLOORS) if name.partition(".")[0] in names)


@pytest.mark.parametrize("name", FILES)
def test_a_file_imports_only_from_floors_below(name):
    for target in imports(name):
        same_package = name.partition(".")[0] == target.partition(".")[0]
        assert same_package or floor(target) < floor(name), f"{name} imports {target}"


def test_no_circles():
    graph = {name: set(imports(name)) for name in FILES}
    for name in graph:
        assert name.rpartition(".")[0] not in graph[name], f"{name} imports the package that it is part of"
    graphlib.TopologicalSorter(graph).prepare()


def test_one_file_reaches_upwards_by_name():
    """Optional packages and tables of options are found by name too, but below."""
    by_name = {name for name, path in FILES.items() if "import_module(" in path.read_text(encoding="utf-8")}
    assert by_name <= {"shortcuts", "interop", "commands.settings"}
