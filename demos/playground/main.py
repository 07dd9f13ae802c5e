"""Starting and stopping the playground."""

from __future__ import annotations

import json
import signal
import sys
import threading
import urllib.request
import webbrowser
from typing import Annotated, Any

from demos.playground.server import Server
from demos.report import Options, Report


def run(
    options: Options,
    *,
    port: Annotated[int, "0: a free one"] = 8000,
    browser: Annotated[bool, "open the page in the browser"] = True,
) -> Report:
    """Serve until Ctrl-C or SIGTERM; with ``--quick``, use it as a page would, for a few seconds."""
    try:
        server = Server(0 if options.quick else port)
    except (OSError, OverflowError) as error:
        print(f"port {port} cannot be had ({error}); choose another: --port 0 takes a free one", file=sys.stderr)
        raise SystemExit(2) from None
    report = Report()
    if options.quick:
        with server.start():
            accuracy, steps = used(server, options.seed)
        report.found("playground_accuracy", accuracy, f"{accuracy:.0%} of the held-out moons right after {steps} steps")
    else:
        serve(server, browser)
        report.findings.append("the playground was stopped")
    return report


def serve(server: Server, browser: bool) -> None:
    """Serve until a signal comes."""
    stop = threading.Event()
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in kinds}
    try:
        with server.start():
            print(f"The playground is at {server.url} (Ctrl-C stops it)", flush=True)
            if browser:
                webbrowser.open(server.url)
            while not stop.wait(0.5):  # in slices: Windows sees no signal within a long wait
                pass
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def used(server: Server, seed: int, steps: int = 300) -> tuple[float, int]:
    """Learn the moons through the server; the accuracy on held-out points, and after how many steps."""
    settings = json.dumps({"data": "moons", "seed": seed, "speed": 0}).encode()
    request = urllib.request.Request(server.url + "api/sessions", settings, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        key = json.load(answer)["session"]
    told: dict[str, Any] = {"step": 0}
    with urllib.request.urlopen(f"{server.url}api/sessions/{key}/events", timeout=10) as stream:
        while told["step"] < steps:
            line = stream.readline()
            if line.startswith(b"data: {") and b'"step"' in line:
                told = json.loads(line[6:])
    return told["held_out"]["accuracy"], told["step"]
