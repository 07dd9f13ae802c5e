"""The screenshots in README.md: the interactive page of `demos.pages` and the playground, in a headless Chromium.

Run by ``make pictures``; needs Chromium and its driver (Debian: chromium, chromium-driver).
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver

from demos.pages import moons
from demos.playground.server import Server

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """Each in light and in dark: a gradient that arrives for the second time; two spirals that are told apart."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with tempfile.TemporaryDirectory() as folder, webdriver.Chrome(options=options, service=service) as driver:
        page = moons(seed=0).save(Path(folder) / "moons.html")
        for scheme in ("light", "dark"):
            media = [{"name": "prefers-color-scheme", "value": scheme}]
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
            show(driver, page.as_uri(), 760)
            driver.execute_script(SCENE)
            picture(driver, f"page_{scheme}")
            with Server().start() as server:
                show(driver, f"{server.url}#data=spirals&noise=0.04&layers=16,16&lr=0.01&speed=0", 720)
                while not driver.execute_script("return news && news.step >= 1500"):
                    time.sleep(0.1)
                driver.find_element("id", "play").click()
                picture(driver, f"playground_{scheme}")
                driver.get("about:blank")


def show(driver: webdriver.Chrome, address: str, height: int) -> None:
    """Open a page in a window of this height."""
    metrics = {"width": 1280, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get(address)


def picture(driver: webdriver.Chrome, name: str) -> None:
    """Write what is seen, once it has settled."""
    time.sleep(0.5)
    (IMAGES / f"{name}.png").write_bytes(driver.get_screenshot_as_png())


SCENE = """
const far = node => Math.hypot(...node.arrived.at(-1).middle.map((v, k) => v - spots[node.i][k]));
const telling = node => node.kind === "leaf" && node.of === 2 && +node.grad && node.arrived.every(edge => +edge.gives);
const sums = nodes.filter(telling);
const weight = sums.reduce((a, b) => far(b) < far(a) ? b : a), edge = weight.arrived.at(-1);
go(steps.findIndex(step => step.edge === edge) + 1);
choose(weight);
zoom(1.05 / camera.k);
camera.x = stage.clientWidth / 2 - (spots[weight.i][0] + edge.middle[0]) / 2 * camera.k;
camera.y = stage.clientHeight / 2 - (spots[weight.i][1] + edge.middle[1]) / 2 * camera.k;
look();
"""

if __name__ == "__main__":
    main()
