"""Settings of the site for Sphinx; ``python docs/build.py`` builds it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

import deltaprop

project = "deltaprop"
author = "the deltaprop developers"
copyright = "the deltaprop developers"
version = release = deltaprop.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "experiments",
    "mathml",
    "docstrings",
    "languages",
]
exclude_patterns = ["_results", "gallery/GALLERY_HEADER.rst", "**sg_execution_times.rst"]
templates_path = ["_templates"]
nitpicky = True
smartquotes_action = "qe"  # quotes and ellipses; -- begins an option

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

default_role = "autolink"
autosummary_generate = True
autosummary_imported_members = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"
autodoc_docstring_signature = False  # a first line such as a = f(z) is a formula
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_validation_checks = {"GL01", "GL03", "GL05", "GL06", "PR02", "PR05", "SS01"}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "gallery/backreferences",
    "doc_module": ("deltaprop",),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
}

html_theme = "pydata_sphinx_theme"
html_title = "deltaprop"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "article_header_end": ["language"],
    "secondary_sidebar_items": {  # none beside the wide figures of the course
        "course/*": [],
        "zh/course/*": [],
        "[!cz]*": ["page-toc"],
        "zh/[!c]*": ["page-toc"],
    },
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
