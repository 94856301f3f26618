"""Every code block of the README and of the site's pages runs.

Blocks in ``python`` run in the order of their page. Commands of ``deltaprop`` in ``sh`` are checked against the
options of the command line, and run if they take no more than a second or two. What readers need not see, such as the
data of an example, is in comments ``<!--- invisible-code-block: python``. Blocks in ``text`` are formulas and outputs.
Chinese pages have the code of the English ones, which is checked in place of running it again.
"""

import re
import shlex
import tomllib
from doctest import ELLIPSIS
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from unittest import SkipTest

import pytest
import typer
from matplotlib import pyplot
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

import deltaprop
from deltaprop import cli
from deltaprop.experiments.course import EXPERIMENTS, ITEMS

ROOT = Path(__file__).parents[1]
BUILT = re.compile(r"docs/(_results|gallery|reference/generated)/")
TRANSLATED = re.compile(r"docs/(index|playground|(course|guides|how-to)/.*)\.md")
PAGES = [
    page
    for page in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
    if not BUILT.match(page.relative_to(ROOT).as_posix()) and ROOT / "docs" / "zh" not in page.parents
]
#: Each Chinese page and the English one whose code it has.
CHINESE = {ROOT / "README.zh-CN.md": ROOT / "README.md"} | {
    page: ROOT / "docs" / page.relative_to(ROOT / "docs" / "zh")
    for page in sorted(ROOT.glob("docs/zh/**/*.md"))
}
LANGUAGES = {"python", "sh", "text", "toml", "matlab", "cpp"}

#: Takes too long, or needs what is not at hand.
LONG = re.compile(
    r"mnist|digits|wine|houses|--config|experiment run|sweep|exercise|--search|--minutes|playground"
)


def run_shell(example: Example) -> None:
    """Parse the commands of deltaprop in a block; run the short ones."""
    cli._declare_options(cli.train, settings=True)
    command = typer.main.get_command(cli.app)
    for line in example.parsed.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0].endswith("deltaprop") and words[1:]:
            parse(command, words[1:])
            if words[1:3] == ["experiment", "run"]:
                assert {*takewhile(lambda word: word[0] != "-", words[3:])} <= {*EXPERIMENTS}, line
            if words[1:] != ["train"] and not LONG.search(line):
                assert cli.main(words[1:]) == 0, line


def parse(command, words: list[str]) -> None:
    """Check options and arguments, down to the subcommand."""
    context = command.make_context("deltaprop", list(words))
    while context._protected_args or (hasattr(command, "commands") and context.args):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)


SYBIL = Sybil(
    [PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), CodeBlockParser("sh", run_shell), SkipParser()]
)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs show as much
@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = SYBIL.parse(page)
    document.namespace |= {name: find_spec(name) for name in ("torch", "jax", "dask")}
    for example in document.examples():
        try:
            example.evaluate()
        except SkipTest:
            continue
    pyplot.close("all")


@pytest.mark.parametrize("page", [*PAGES, *CHINESE], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_names_its_language(page):
    fences = re.findall(r"^ *(```+|~~~+)(.*)$", page.read_text("utf-8"), re.MULTILINE)
    for _, info in fences[::2]:
        assert info.strip() in LANGUAGES or info.startswith("{"), (
            f"{page.name}: a block of {info or 'no language'}"
        )


def skeleton(page: Path) -> list[str]:
    """The headings' levels, the formulas, and the blocks of a page without their comments."""
    parts = re.findall(
        r"^#+(?= )|^```.*?^```$|^<!---.*?-->$|^\$\$.*?\$\$$",
        page.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return [re.sub(r" +# .*", "", part) for part in parts if not part.startswith("```{toctree}")]


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_chinese_page_has_the_sections_and_code_of_the_english_one(page):
    assert skeleton(page) == skeleton(CHINESE[page])


def test_the_course_and_the_guides_are_in_chinese():
    pages = {page for page in PAGES if TRANSLATED.match(page.relative_to(ROOT).as_posix())}
    assert pages <= {*CHINESE.values()}


def test_the_chinese_texts_are_those_of_the_experiments():
    texts = tomllib.loads((ROOT / "docs" / "zh" / "experiments.toml").read_text("utf-8"))["text"]
    said = {text for e in EXPERIMENTS.values() for text in (e.title, e.method, *(c.text for c in e.claims))}
    assert {*texts} <= said, "translate what was reworded anew, in docs/zh/experiments.toml"


def test_the_reference_has_every_package():
    reference = (ROOT / "docs" / "reference" / "index.md").read_text("utf-8")
    packages = [name for name in deltaprop.__all__ if isinstance(getattr(deltaprop, name), ModuleType)]
    for name in {*packages} - {"report", "schedules"}:  # of the command line; part of functions
        assert re.search(rf"^   {name}(\.\w+)?$", reference, re.MULTILINE), name


@pytest.mark.parametrize("item", ITEMS)
def test_the_course_shows_the_experiments_of_an_item(item):
    course = "".join(page.read_text("utf-8") for page in ROOT.glob("docs/course/*.md"))
    assert f"```{{experiment}} {item}\n" in course
