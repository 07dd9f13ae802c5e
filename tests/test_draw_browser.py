"""The interactive page as a person uses it, in a real Chromium: mouse, keys, a phone's width, light and dark.

Without Chromium and its driver (Debian: chromium, chromium-driver) these tests are skipped; where
CHAINRULE_REQUIRE_CHROMIUM=1, that is an error.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from autograd import Value, draw, origins
from tests.test_draw import tangle
from tests.test_draw_page import classifier, network

PHONE, DESKTOP = (390, 844), (1280, 800)


def missing() -> str:
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed: pip install 'chainrule[test]'"
    absent = [program for program in ("chromium", "chromedriver") if shutil.which(program) is None]
    return f"{' and '.join(absent)} not found; on Debian: apt-get install chromium chromium-driver" if absent else ""


@pytest.fixture(scope="module")
def chromium():
    if missing() and os.environ.get("CHAINRULE_REQUIRE_CHROMIUM") == "1":
        pytest.fail(f"CHAINRULE_REQUIRE_CHROMIUM=1, but {missing()}")
    if missing():
        pytest.skip(missing())
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with webdriver.Chrome(options=options, service=service) as driver:
        yield driver


class Reader:
    """Somebody in front of a page."""

    def __init__(self, driver, folder):
        self.driver, self.folder = driver, folder

    def open(self, drawing, size=DESKTOP, scheme="light", motion="no-preference"):
        path = drawing if isinstance(drawing, Path) else drawing.save(self.folder / "page.html")
        return self.visit(path.as_uri(), size, scheme, motion)

    def visit(self, url, size=DESKTOP, scheme="light", motion="no-preference"):
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": motion}
        media = [{"name": name, "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        self.driver.get(url)
        return self

    def run(self, script):
        return self.driver.execute_script(f"return {script}")

    def find(self, css):
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.CSS_SELECTOR, css)

    def text(self, css):
        return self.find(css).text

    def press(self, *keys):
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.keys import Keys

        for key in keys:
            ActionChains(self.driver).send_keys(getattr(Keys, key, key)).perform()
        return self

    def mouse(self):
        from selenium.webdriver import ActionChains

        return ActionChains(self.driver)

    def node(self, name):
        return self.run(f"nodes.find(node => node.title === {name!r} || node.full === {name!r}).shape")

    def row(self, name, key="grad"):
        return self.run(f"nodes.find(node => node.title === {name!r}).cells.{key}.textContent")

    def picture(self, name):
        """A screenshot, to be looked at; the number of colours in it, few if it is blank."""
        from io import BytesIO

        from PIL import Image

        png = self.driver.get_screenshot_as_png()
        (self.folder / f"{name}.png").write_bytes(png)
        return len(Image.open(BytesIO(png)).convert("RGB").getcolors(1 << 24))


@pytest.fixture
def reader(chromium, tmp_path):
    yield Reader(chromium, tmp_path)
    problems = [entry["message"] for entry in chromium.get_log("browser")]
    assert not problems, problems


def diamond() -> Value:
    a = Value(3.0, label="a")
    b = a * a
    b.label = "b"
    c = b + a
    c.label = "c"
    return c


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    drawn = {"5": draw(diamond()), "50": draw(network()[1]), "500": draw(tangle(800))}
    return {name: drawing.save(folder / f"{name}.html") for name, drawing in drawn.items()}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_every_size_are_drawn_and_fit_the_window(reader, pages, size, scheme):
    for name, page in pages.items():
        reader.open(page, size, scheme)
        assert reader.run("document.scrollingElement.scrollWidth") <= size[0]
        assert reader.run("getComputedStyle(document.body).backgroundColor") == (
            "rgb(244, 245, 247)" if scheme == "light" else "rgb(17, 22, 28)"
        )
        assert not reader.run("performance.getEntriesByType('resource').length"), "nothing is loaded"
        assert reader.picture(f"{name}-{scheme}-{size[0]}") > 20


def test_steps_run_forward_and_then_backward(reader):
    reader.open(draw(diamond()))
    assert [reader.row(name) for name in "abc"] == ["-", "-", "-"], "as it was drawn: nobody called backward"
    reader.press("HOME")
    assert reader.run("document.querySelectorAll('.box.todo').length") == 3
    for k, said in enumerate(["a = 3, given", "b = x * y = 3 * 3 = 9", "c = x + y = 9 + 3 = 12"], 1):
        reader.press("ARROW_RIGHT")
        assert said in reader.text("#says")
        assert reader.run("document.querySelectorAll('.box.todo').length") == 3 - k
        assert reader.row("c") == "-"
    for said, grads in [
        ("the gradient of c is 1", ["-", "-", "1"]),
        ("1 × 1 = 1. This is the gradient of b", ["-", "1", "1"]),
        ("Contribution 1 of 3: the gradient of a is so far 1", ["1", "1", "1"]),
        ("b (*) → a. Local derivative dx: y = 3. Upstream × local = contribution: 1 × 3 = 3", ["4", "1", "1"]),
        ("Contribution 3 of 3: the gradient of a is now 1 + 3 + 3 = 7", ["7", "1", "1"]),
    ]:
        reader.press("ARROW_RIGHT")
        assert said in reader.text("#says")
        assert [reader.row(name) for name in "abc"] == grads
    assert reader.row("a", "sum") == "= 1 + 3 + 3"
    assert reader.text("#badge") == "1 × 3 = 3"
    assert not reader.find("#after").is_enabled()
    reader.press("ARROW_LEFT")
    assert (reader.row("a"), reader.row("a", "sum")) == ("4", "= 1 + 3")
    reader.press("HOME", "END")
    assert reader.row("a") == "7"


def test_the_slider_and_the_buttons_step_too(reader):
    reader.open(draw(diamond()))
    reader.find("#start").click()
    reader.find("#after").click()
    assert reader.run("position") == 1
    reader.find("#slider").click()  # in its middle
    assert reader.run("position") == 4
    reader.press("ARROW_LEFT")
    assert (reader.run("position"), reader.find("#slider").get_attribute("aria-valuetext")) == (3, "step 3 of 8")
    reader.run("byId('speed').value = 160")
    reader.find("#play").click()
    assert reader.text("#play") == "❚❚ Pause"
    deadline = time.monotonic() + 10
    while reader.run("position") < 8 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert reader.run("position") == 8
    assert reader.text("#play") == "▶ Play"


def test_pointing_at_a_node_tells_all_about_it(reader):
    model, loss = network()
    assert len(model.parameters()) == 13, "a variable of this function, for which they are named"
    loss.backward()
    reader.open(draw(loss))
    assert "Point at a node" in reader.text("#panel")
    reader.mouse().move_to_element(reader.node("loss")).perform()
    told = reader.text("#panel")
    assert "x + y" in told
    assert "test_draw_page.py" in told
    assert "loss = sum(" in told
    assert "1, since it is an output" in told
    reader.mouse().move_by_offset(0, 150).perform()
    assert "Point at a node" in reader.text("#panel")
    reader.run("choose(nodes.find(node => node.full === 'model.layers[1].neurons[0].w[1]'), true)")
    told = reader.text("#panel")
    assert "Contributions to it" in told
    assert told.count("0.01 × 0.5774 = 0.005774") == 2
    assert "0.569 + 0.005774 + 0.005774 = 0.5805" in told or " + 0.005774 + 0.005774 = " in told


def test_a_tap_keeps_a_node_chosen_on_a_phone(reader):
    reader.open(draw(diamond()), PHONE)
    reader.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    box = reader.run("(() => { const r = nodes[0].shape.getBoundingClientRect(); return [r.x + 9, r.y + 9]; })()")
    for kind, points in (("touchStart", [{"x": box[0], "y": box[1]}]), ("touchEnd", [])):
        reader.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    time.sleep(0.4)
    assert reader.run("chosen && chosen.title") == "a"
    assert "1 + 3 + 3 = 7" in reader.text("#panel")
    start = reader.run("[camera.x, camera.y, camera.k]")
    fingers = [
        [{"x": 150, "y": 300, "id": 0}, {"x": 200, "y": 300, "id": 1}],
        [{"x": 100, "y": 300, "id": 0}, {"x": 250, "y": 300, "id": 1}],
    ]
    for kind, points in (("touchStart", fingers[0]), ("touchMove", fingers[1]), ("touchEnd", [])):
        reader.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    time.sleep(0.4)
    assert reader.run("camera.k") > 2 * start[2], "two fingers zoom"
    reader.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_zoom_and_pan(reader):
    reader.open(draw(diamond()))
    x, k = reader.run("camera.x"), reader.run("camera.k")
    reader.mouse().drag_and_drop_by_offset(reader.find("#graph"), 60, 200).perform()
    assert reader.run("camera.x") == pytest.approx(x + 60)
    assert reader.run("chosen") is None, "a drag is no click"
    reader.press("+")
    assert reader.run("camera.k") > k
    reader.press("-", "-")
    assert reader.run("camera.k") < k
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    reader.mouse().scroll_from_origin(ScrollOrigin.from_element(reader.find("#graph")), 0, -400).perform()
    assert reader.run("camera.k") > k
    reader.find("#fit").click()
    assert reader.run("[camera.x, camera.k]") == pytest.approx([x, k])


def test_modules_fold_and_unfold(reader):
    _, loss = network()
    reader.open(draw(loss))
    boxes = "nodes.filter(node => node.shape.style.display !== 'none').length"
    everything = reader.run(boxes)
    wide = reader.run("world.getBBox().width")
    reader.find("#fold").click()
    names = reader.run("[...document.querySelectorAll('.box.module .name')].map(text => text.textContent)")
    assert sorted(names) == ["MLP.layers[0]", "MLP.layers[1]"]
    assert reader.run(boxes) < everything
    assert reader.run("world.getBBox().width") < wide, "the room that falls empty is closed up"
    assert reader.text("#fold") == "Unfold all"
    reader.run("lid('MLP.layers[0]').box.focus()")
    reader.press("ENTER")
    assert reader.run("[...closed]") == ["MLP.layers[1]"]
    reader.run("document.querySelector('.title[data-path=\"MLP.layers[0]\"]').focus()")
    reader.press("ENTER")
    assert reader.run("closed.size") == 2
    reader.press("HOME")
    assert reader.run("document.querySelectorAll('.box.module.todo').length") == 2
    reader.press("END")
    assert reader.run("document.querySelectorAll('.box.module.todo').length") == 0
    reader.run("choose(nodes.find(node => node.module === 'MLP.layers[0].neurons[2]'), true)")
    assert reader.run("closed.size") == 1, "what is chosen is shown"
    reader.find("#fold").click()
    assert reader.run(boxes) == everything


def test_a_large_graph_begins_folded_and_says_so(reader):
    with origins.recording(), origins.entered("Chain"):
        x = Value(0.5)
        for _ in range(450):
            x = x + 1.0
    reader.open(draw(x))
    assert reader.run("nodes.filter(node => node.shape.style.display !== 'none').length") == 0
    assert "modules are folded" in reader.text("#notice")


def test_searching(reader):
    model, loss = network()
    assert len(model.parameters()) == 13
    reader.open(draw(loss))
    reader.press("/", *"neurons[1].w")
    assert reader.text("#found") == "2 found"
    assert reader.run("document.querySelectorAll('.box.hit').length") == 2
    reader.press("ENTER", "ENTER")
    assert reader.text("#found") == "2 of 2"
    assert "model.layers[0].neurons[1].w" in reader.text("#panel")
    reader.press("ESCAPE")
    assert not reader.run("document.querySelectorAll('.box.hit').length")


def test_the_keyboard_reaches_everything(reader):
    reader.open(draw(diamond()))
    reached = []
    for _ in range(14):
        reader.press("TAB")
        reached.append(reader.run("document.activeElement.id || document.activeElement.getAttribute('aria-label')"))
    assert reached[:4] == ["search", "out", "in", "fit"]
    assert reached[4].startswith("c, add (+), value 12, gradient none")
    assert {"before", "play", "slider"} <= set(reached)
    reader.run("nodes[2].shape.focus()")
    reader.press("ARROW_UP")
    assert reader.run("document.activeElement.getAttribute('aria-label')").startswith("b, mul (*), value 9")
    reader.press("ENTER")
    assert reader.run("chosen.title") == "b"


def test_a_screen_reader_is_told_everything(reader):
    reader.open(draw(classifier()[1]))
    assert reader.run(
        "[...document.querySelectorAll('.box')].every(box => box.getAttribute('aria-label') || !box.tabIndex)"
    )
    named = "x => x.ariaLabel || x.textContent.trim() || x.labels?.length"
    assert reader.run(f"[...document.querySelectorAll('button, input, select')].every({named})")
    assert reader.run("byId('says').getAttribute('aria-live')") == "polite"
    reader.find("#play").click()
    assert reader.run("byId('says').getAttribute('aria-live')") == "off", "no reader could keep up"
    reader.find("#play").click()
    assert reader.run("document.documentElement.lang") == "en"
    reader.find("#list summary").click()
    assert reader.run("document.querySelectorAll('#table tbody tr').length") == reader.run("computed.length")


def test_arrays_step_by_their_largest_element_and_mixing_operations_as_a_whole(reader):
    reader.open(draw(classifier()[1]))
    reader.run("go(steps.findIndex(step => step.edge && nodes[step.edge.to].symbol === 'linear') + 1)")
    assert "Contribution (rows(g) @ n" in reader.text("#says")
    assert "where g = (6, 3) float32; mean" in reader.text("#says")
    reader.run("go(steps.findIndex(step => step.edge && nodes[step.edge.to].symbol === 'ReLU') + 1)")
    assert "Local derivative x > 0. Upstream × local = contribution: at [" in reader.text("#says")


def test_torchs_gradients_have_a_column(reader, torch):
    reader.open(draw(classifier()[1]))
    reader.find("#list summary").click()
    assert f"PyTorch {torch.__version__}" in reader.text("#table thead")
    assert reader.run("document.querySelectorAll('#table .agrees').length") > 7
    assert reader.run("document.querySelectorAll('#table .differs').length") == 0


CONTRAST = """((ink, ground) => {
  const light = name => {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255);
    probe.remove();
    const [r, g, b] = parts.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_and_nothing_moves_if_so_wished(reader, scheme):
    reader.open(draw(diamond()), scheme=scheme, motion="reduce")
    for ink, grounds in {
        "ink": ("page", "ground", "leaf", "constant", "result", "output", "module", "button"),
        "muted": ("page", "ground", "leaf", "constant", "result", "output", "module"),
        "flow": ("ground", "leaf", "result", "output", "flow-ground"),
        "symbol": ("result", "output"),
        "mark": ("ground",),
        "good": ("ground",),
        "bad": ("ground",),
        "ground": ("mark",),
    }.items():
        for ground in grounds:
            assert reader.run(f"{CONTRAST}({ink!r}, {ground!r})") >= 4.5, f"{ink} on {ground}"
    assert reader.run("getComputedStyle(document.querySelector('.box')).transitionProperty") == "none"
