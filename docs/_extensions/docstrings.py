"""What of the docstrings the reference shows, and where their names lead."""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode


def move_source(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Make a section References, as numpydoc knows it, of the paragraph ``Source: …`` or ``Sources: …``."""
    start = next((i for i, line in enumerate(lines) if line.startswith(("Source: ", "Sources: "))), None)
    if start is None:
        return
    end = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
    source = [lines[start].partition(": ")[2], *lines[start + 1 : end]]
    del lines[start : end + 1]
    lines += ["", "References", "----------", *source, ""]


def escape_bars(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Let |x| be an absolute value rather than a substitution, outside examples."""
    example = False
    for i, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            lines[i] = line.replace("|", r"\|")


def skip_foreign(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Leave out what a class inherits from another library."""
    module = getattr(obj, "__module__", None) or getattr(getattr(obj, "fget", None), "__module__", None)
    return True if what == "class" and module and not module.startswith("deltaprop") else None


def find_by_last_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Find a public name under another path than it is documented under: ``Dense``, ``deltaprop.Dense``.

    What a docstring has in single backquotes may be an argument as well; it then stays text.
    """
    if node.get("refdomain") != "py":
        return None
    last = node["reftarget"].removeprefix("deltaprop.").rpartition(".")[2]
    objects = env.domains.python_domain.objects
    found = {(entry.docname, entry.node_id) for name, entry in objects.items() if name.endswith(f".{last}")}
    if len(found) == 1:
        page, anchor = found.pop()
        return make_refnode(app.builder, node["refdoc"], page, anchor, content, last)
    return content if node["reftype"] == "obj" else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect all; the first two run before numpydoc reads the sections."""
    app.connect("autodoc-process-docstring", move_source, priority=400)
    app.connect("autodoc-process-docstring", escape_bars, priority=400)
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("missing-reference", find_by_last_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
