"""The screenshots in README.md: the interactive page of `demos.pages`, in a headless Chromium.

Run by ``make pictures``; needs Chromium and its driver (Debian: chromium, chromium-driver).
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver

from demos.pages import moons

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """One picture in light, one in dark: a gradient that arrives for the second time."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    with tempfile.TemporaryDirectory() as folder:
        page = moons(seed=0).save(Path(folder) / "moons.html")
        with webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver"))) as driver:
            metrics = {"width": 1280, "height": 760, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            for scheme in ("light", "dark"):
                media = [{"name": "prefers-color-scheme", "value": scheme}]
                driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
                driver.get(page.as_uri())
                driver.execute_script(SCENE)
                time.sleep(0.5)
                (IMAGES / f"page_{scheme}.png").write_bytes(driver.get_screenshot_as_png())


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
