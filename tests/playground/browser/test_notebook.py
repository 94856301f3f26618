"""The widget in a page that does what the front end of a notebook does, driven by an event loop like the kernel's."""

import asyncio
import base64
import queue
import threading

import numpy as np
import pytest
from playground.browser.driving import READY, eventually

from deltaprop import Dense, Network

FRONT = """async ({esm, state}) => {
  const {default: widget} = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
  const listeners = new Set();
  const model = {
    get: name => state[name],
    send: toKernel,
    on: (kind, listener) => listeners.add(listener),
    off: (kind, listener) => listeners.delete(listener),
  };
  window.fromKernel = (content, buffers) => {
    const views = buffers.map(text => new DataView(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer));
    listeners.forEach(listener => listener(content, views));
  };
  window.close = widget.render({model, el: document.body});
}"""


class Kernel:
    """An event loop in a thread, with a widget; what the widget sends is fetched by `pump`."""

    def __init__(self, make):
        self.loop = asyncio.new_event_loop()
        self.sent = queue.Queue()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.widget = make()
        self.widget.send = lambda content, buffers=(): self.sent.put((content, list(buffers)))

    def take(self, content):
        """A message of the front end."""
        self.loop.call_soon_threadsafe(self.widget._handle_custom_msg, content, [])

    def pump(self, page):
        while not self.sent.empty():
            content, buffers = self.sent.get()
            encoded = [base64.b64encode(buffer).decode() for buffer in buffers]
            page.evaluate("([content, buffers]) => fromKernel(content, buffers)", [content, encoded])

    def stop(self):
        self.loop.call_soon_threadsafe(self.widget.close)
        while self.widget._tasks or self.widget._conversation:
            threading.Event().wait(0.01)
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture
def shown(machine):
    """Shows a widget in a page; its frame, a wait that keeps the messages going, and the page."""
    kernels = []

    def show(make):
        kernel = Kernel(make)
        kernels.append(kernel)
        page = machine.bare()
        page.expose_function("toKernel", kernel.take)
        state = {"files": kernel.widget.files, "height": kernel.widget.height}
        page.evaluate(FRONT, {"esm": str(kernel.widget._esm), "state": state})

        def until(condition, what):
            return eventually(page, lambda: (kernel.pump(page), condition())[1], what)

        frame = until(lambda: page.frames[1:], "the frame")[0]
        until(lambda: frame.query_selector(READY), "the page")
        return page, frame, until

    yield show
    for kernel in kernels:
        kernel.stop()


def test_the_page_trains_the_network_of_the_kernel(machine, shown):
    x = np.random.default_rng(0).uniform(-3, 3, (80, 2))
    net = Network([Dense(5), "tanh", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", seed=1)
    widgets = []

    def make():
        widgets.append(net.watch(x, x[:, 0] * x[:, 1] > 0, batch_size=20, height=600))
        return widgets[0]

    page, frame, until = shown(make)
    assert page.locator("iframe").bounding_box()["height"] == 600

    def theta():
        return np.array(frame.evaluate("[...playground.runs[0].theta]"), np.float32)

    until(lambda: np.array_equal(theta(), net.theta), "the weights at first")
    before = net.theta.copy()
    frame.locator("button.play").click()
    until(lambda: frame.evaluate("playground.runs[0].frame.step") > 50, "training")
    frame.locator("button.play").click()
    until(lambda: not frame.evaluate("playground.playing"), "a pause")
    until(lambda: np.array_equal(theta(), net.theta), "the weights in the kernel")
    assert not np.array_equal(net.theta, before)

    session = widgets[0]._session
    before = net.theta = np.ones_like(net.theta)  # as a cell does
    frame.locator("button.play").click()

    def start():
        return session.runs[0].timeline.segments[0].start.arrays["theta"]

    until(lambda: np.array_equal(start(), before) and session.runs[0].step, "training from the new weights")
    assert session.playing
    page.evaluate("close()")
    until(lambda: not session.playing, "a pause")
    machine.watched[page].check()
    page.context.close()
