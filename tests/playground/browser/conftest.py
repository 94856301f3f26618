"""Fixtures of the tests in a browser; left out, and said so, where none is installed."""

from pathlib import Path

import pytest
from playground.browser.driving import Machine, start_over

HERE = Path(__file__).parent
MACHINE = Machine()


@pytest.fixture
def machine():
    """The browser and the server."""
    return MACHINE.start()


@pytest.hookimpl(trylast=True)  # after the fixtures' own
def pytest_runtest_teardown(item, nextitem):
    """Stop the browser after the last test here: Playwright's event loop is in the way of other tests' own."""
    if nextitem is None or HERE not in nextitem.path.parents:
        MACHINE.stop()


@pytest.fixture
def open_page(machine):
    """Opens a page of its own, by default as large as a small notebook's screen; an error in it fails the test."""
    pages = []

    def open_page(address=None, **options):
        pages.append(machine.open(address, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()
        machine.watched[page].check()


@pytest.fixture
def page(machine):
    """The page that tests share, as it is at first."""
    page = machine.shared = machine.shared or machine.open()
    start_over(page)
    session = machine.serving.session(page)
    session._undo.clear()  # what other tests did cannot be undone, nor taken together with what comes
    session._redo.clear()
    session._latest = (None, 0.0)
    yield page
    watch = machine.watched[page]
    if watch.wrong:
        machine.shared = None
        page.context.close()
    watch.check()


@pytest.fixture
def session(machine, page):
    """The library's side of the page."""
    return machine.serving.session(page)
