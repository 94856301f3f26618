"""Pages in English and Chinese: the language of a page, the theme's words in it, and a link to the other language."""

from gettext import GNUTranslations, translation
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
import sphinx.locale
from docutils import nodes
from sphinx.application import Sphinx


def theme_words() -> GNUTranslations:
    """The words of the theme, then those of Sphinx, in Chinese."""
    words = translation("sphinx", Path(*pydata_sphinx_theme.__path__) / "locale", ["zh"])
    words.add_fallback(translation("sphinx", Path(*sphinx.locale.__path__), ["zh_CN"]))
    return words


WORDS = theme_words()


def set_language(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the template of a page its language and, if there is one, the same page in the other."""
    chinese = page.startswith("zh/")
    other = page.removeprefix("zh/") if chinese else f"zh/{page}"
    if other in app.env.found_docs:
        context["translation"] = context["pathto"](other)
    if chinese:
        context.update(language="zh-CN", _=WORDS.gettext, gettext=WORDS.gettext)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what runs before a page is written."""
    app.connect("html-page-context", set_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
