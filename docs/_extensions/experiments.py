"""The directive ``{experiment} NAME``: the command, verdicts, figure and table of a result, as they were computed.

The argument is the name of an experiment or an item of the course, which stands for all of its experiments. The results
are those that ``deltaprop experiment run … --out docs/_results`` has written.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from deltaprop.experiments.course import EXPERIMENTS, ITEMS

WIDTH = re.compile(r'width="([\d.]+)pt"')

#: The page of each section of the course.
PAGES = {"A": "ancestors", "B": "forward-backward", "C": "training", "D": "tricks", "E": "experiments"}

#: What the page says in the language of its folder.
WORDS = {
    "en": {
        "stop": ". ",
        "source": "Claimed by ",
        "measured": "Measured: mean of each quantity over the runs",
        "elsewhere": "Also measured by",
        "missing": "Not run when this copy of the site was made.",
    },
    "zh": {
        "stop": "。",
        "source": "出处：",
        "measured": "测得的数值：每个量对各次运行的平均",
        "elsewhere": "另见实验",
        "missing": "生成本站时未运行此实验。",
        "borne out": "证实",
        "refuted": "被否定",
        "not borne out": "未证实",
        "depends": "视情况而定",
    },
}

#: Titles, methods and claims by their English text, and patterns of what sources and numbers consist of.
CHINESE = Path(__file__).parents[1] / "zh" / "experiments.toml"


class ExperimentDirective(SphinxDirective):
    """Shows one experiment, or all whose first item is the given one and the names of the others."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        (wanted,) = self.arguments
        named = (
            [wanted] if wanted in EXPERIMENTS else [n for n, e in EXPERIMENTS.items() if e.items[0] == wanted]
        )
        others = [n for n, e in EXPERIMENTS.items() if wanted in e.items[1:]]
        if not named and wanted not in ITEMS:
            raise self.error(f"{wanted} is neither an experiment nor an item of the course")
        chinese = self.env.docname.startswith("zh/")
        self.words = WORDS["zh" if chinese else "en"]
        self.texts = tomllib.loads(CHINESE.read_text("utf-8")) if chinese else {}
        self.env.note_dependency(str(CHINESE))
        shown = [node for name in named for node in self._result(name)]
        if others:
            line = nodes.paragraph("", f"{self.words['elsewhere']} ")
            for name in others:
                place = f"{PAGES[EXPERIMENTS[name].items[0][0]]}.html#experiment-{name}"
                link = nodes.reference("", "", nodes.literal("", name), refuri=place)
                line += [nodes.Text(", " if len(line) > 1 else ""), link]
            shown.append(line)
        return shown

    def _result(self, name: str) -> list[nodes.Node]:
        path = Path(self.env.app.srcdir, self.config.experiment_results, f"{name}.json")
        self.env.note_dependency(str(path))
        command = _code(f"deltaprop experiment run {name}")
        if not path.exists():  # its data were not at hand
            return [command, nodes.paragraph("", self.words["missing"], classes=["method"])]
        record = json.loads(path.read_text("utf-8"))
        card = nodes.container("", classes=["experiment"], ids=[f"experiment-{name}"])
        card += nodes.rubric("", self._text(record["title"]))
        source = f"{self.words['source']}{self._by_patterns(record['source'])}{self.words['stop']}"
        card += nodes.paragraph("", source + self._text(record["method"]), classes=["method"])
        card += nodes.bullet_list(
            "", *(self._verdict(verdict) for verdict in record["verdicts"]), classes=["verdicts"]
        )
        figure = path.with_suffix(".svg").read_text("utf-8")
        wide = " wide" if float(WIDTH.search(figure)[1]) > 460 else ""  # pt: more than one panel
        card += nodes.raw("", f'<div class="figure{wide}">{figure}</div>', format="html")
        card += nodes.raw("", f"<details><summary>{self.words['measured']}</summary>", format="html")
        card += _table(record["summary"])
        card += nodes.raw("", "</details>", format="html")
        return [command, card]

    def _verdict(self, verdict: dict[str, Any]) -> nodes.list_item:
        outcome = verdict["outcome"]
        badge = nodes.inline(
            "", self.words.get(outcome, outcome), classes=["outcome", outcome.replace(" ", "-")]
        )
        claim, numbers = self._text(verdict["claim"]), self._by_patterns(verdict["numbers"])
        said = "".join(f"{part}{self.words['stop']}" for part in (claim, numbers)).rstrip()
        return nodes.list_item("", nodes.paragraph("", "", badge, nodes.Text(f" {said}")))

    def _text(self, text: str) -> str:
        return self.texts.get("text", {}).get(text, text)

    def _by_patterns(self, text: str) -> str:
        for pattern, replacement in self.texts.get("patterns", {}).items():
            text = re.sub(pattern, replacement, text)
        return text


def _code(command: str) -> nodes.literal_block:
    return nodes.literal_block(command, command, language="sh")


def _table(rows: list[list[str]]) -> nodes.container:
    """A table with a head, in a container that scrolls where the page is narrow."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in rows[0]), cols=len(rows[0]))
    head, *body = (
        nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in row)) for row in rows
    )
    group += [nodes.thead("", head), nodes.tbody("", *body)]
    return nodes.container("", nodes.table("", group), classes=["scrolled"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_config_value("experiment_results", "_results", "env")
    app.add_directive("experiment", ExperimentDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
