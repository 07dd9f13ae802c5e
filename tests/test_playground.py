"""The playground: its settings and CSVs, its server as a page uses it, and the page in a real Chromium."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from demos.playground import data, server, session
from demos.playground.server import Server
from demos.playground.settings import OPTIMIZERS, Settings, SettingsError
from tests import test_draw_browser as browser

chromium, reader = browser.chromium, browser.reader

CSV = "width,height,kind\n" + "\n".join(f"{x},{y},{'cat' if x > y else 'dog'}" for x in range(5) for y in range(5))


@pytest.fixture
def playground():
    before = set(threading.enumerate())
    with Server(0).start() as running:
        yield running
    assert set(threading.enumerate()) <= before, "no thread is left"


class Tab:
    """What a tab of the page does, without the page."""

    def __init__(self, playground, **settings):
        self.playground = playground
        status, told = self.ask("POST", "/api/sessions", settings)
        assert status == 201, told
        self.path = f"/api/sessions/{told['session']}"
        self.stream = http.client.HTTPConnection("127.0.0.1", playground.server_port, timeout=10)
        self.stream.request("GET", f"{self.path}/events")
        self.lines = self.stream.getresponse()
        self.runs = []

    def ask(self, method, path, content=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.playground.server_port, timeout=10)
        kind = {} if content is None else {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(content), {**kind, **dict(headers)})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, json.loads(body) if answer.headers.get_content_subtype() == "json" else body

    def act(self, action, **more):
        return self.ask("POST", self.path, {"action": action, **more})

    def news(self, wanted=lambda told: True):
        """The next that is as wanted."""
        event = ""
        while True:
            line = self.lines.readline().decode()
            assert line, "the stream ended"
            if line.startswith("event: "):
                event = line[7:].strip()
            elif line.startswith("data: "):
                told = json.loads(line[6:])
                if event == "run":
                    self.runs.append(told)
                elif wanted(told):
                    return told

    def close(self):
        self.lines.close()
        self.stream.close()


@pytest.fixture
def tab(playground):
    tab = Tab(playground, speed=0)
    yield tab
    tab.close()


# Settings and data -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"lr": 0}, "lr", "above 0"),
        ({"lr": "fast"}, "lr", "'fast'"),
        ({"lr": "nan"}, "lr", "is nan"),
        ({"lr": True}, "lr", "True"),
        ({"lr": 10**400}, "lr", "learning rate"),
        ({"layers": ""}, "layers", "1 to 6"),
        ({"layers": [4] * 7}, "layers", "1 to 6"),
        ({"layers": "8,65"}, "layers", "Layer 2 is 65"),
        ({"layers": "8,,8"}, "layers", "Layer 2"),
        ({"layers": [2.5]}, "layers", "whole number"),
        ({"noise": -1}, "noise", "from 0 to 0.5"),
        ({"batch": "1.5"}, "batch", "whole number"),
        ({"data": "mnist"}, "data", "choose moons"),
        ({"data": ["moons"]}, "data", "no choice"),
        ({"optimizer": "adamm"}, "optimizer", "adam"),
        ({"data": "csv"}, "csv", "no CSV yet"),
        ({"momentum": 1}, "momentum", "no setting 'momentum'"),
        ([], "", "JSON object"),
    ],
)
def test_bad_settings_have_a_sentence(given, field, words):
    with pytest.raises(SettingsError, match=re.escape(words)) as caught:
        Settings.checked(given)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ", "empty"),
        ("x,y,label\n1,2", "line 2 has 2 columns"),
        ("1,2,a\n3,b,b", "line 2: 'b' is no number"),
        ("1,2,a\n3,inf,b", "'inf' is no number"),
        ("\n1,2,a\n\n3,4,", "line 4 has no label"),
        ("1,2,a\n3,4,a", "only the label 'a'; there must be 2 to 5"),
        ("\n".join(f"1,2,{k / 10}" for k in range(9)), "9 different labels"),
        ("1,2,a\n" * 3000 + "1,2,b\n" * 3000, "6,000 points; at most 5,000"),
        ("1" * 600_000, "600,000 characters"),
        ('1,2,"a\n' + "x" * 200_000, "cannot be read"),
    ],
)
def test_a_bad_csv_has_a_sentence_that_names_the_line(text, words):
    with pytest.raises(SettingsError, match=words) as caught:
        data.read(text)
    assert caught.value.field == "csv"


def test_a_csv_may_have_names_and_other_separators():
    X, y, classes, names = data.read("\ufeffwidth;height;kind\r\n1;2;cat\r\n\r\n3;4e1;dog\r\n")
    assert (X.tolist(), y.tolist(), classes, names) == ([[1, 2], [3, 40]], [0, 1], ["cat", "dog"], ("width", "height"))
    assert data.read("1\t2\t0\n1\t2\t1")[3] == ("column 1", "column 2")


@pytest.mark.parametrize("kind", data.KINDS)
def test_the_data_can_be_told_apart_and_repeat_with_their_seed(kind):
    made = data.points(Settings(data=kind, noise=0.0, seed=3))
    again = data.points(Settings(data=kind, noise=0.0, seed=3))
    assert np.array_equal(made.X, again.X)
    assert sorted(set(made.y)) == [0, 1]
    distance = np.linalg.norm(made.X[made.y == 0][:, None] - made.X[made.y == 1][None], axis=2)
    assert distance.min() > 0.02
    assert made.held_out == 75


def test_two_runs_of_one_setting_are_the_same_to_the_bit():
    runs = [session.Run(Settings(seed=4), data.points(Settings(seed=4))) for _ in range(2)]
    for run in runs:
        for _ in range(5):
            run.step()
    assert runs[0].monitor.losses == runs[1].monitor.losses


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_learns(name):
    lr = {"sgd": 0.5, "momentum": 0.1}.get(name, 0.02)
    run = session.Run(Settings(optimizer=name, lr=lr), data.points(Settings()))
    for _ in range(200):
        run.step()
    assert run.judged(run.unseen, run.unseen_truth)["accuracy"] > 0.85


# The server ------------------------------------------------------------------------------------------------------


def test_it_learns_and_tells(tab):
    told = tab.news(lambda told: told["step"] >= 300)
    assert told["held_out"]["accuracy"] > 0.9
    assert len(told["losses"]) == 200
    assert told["losses"][-1] < 0.3 < tab.runs[0]["chance"]
    assert [layer["shape"] for layer in told["layers"]] == ["2 → 8", "8 → 8", "8 → 2"]
    assert all(layer["gradient"] > 0 and layer["update"] > 0 for layer in told["layers"])
    assert len(tab.runs[0]["points"]) == 300
    status, report = tab.ask("GET", f"{tab.path}/report")
    assert status == 200
    assert b"A training run of" in report


def test_the_rate_changes_without_a_restart_and_other_settings_begin_anew(tab):
    tab.news(lambda told: told["step"] > 50)
    assert tab.act("settings", settings={"lr": 0.001, "speed": 0})[0] == 200
    told = tab.news(lambda told: told["lr"] == 0.001)
    assert told["step"] > 50
    assert len(tab.runs) == 1
    tab.act("pause")
    paused = tab.news(lambda told: not told["running"])["step"]
    tab.act("settings", settings={"lr": 0.002, "speed": 0})
    assert tab.news(lambda told: told["lr"] == 0.002)["step"] == paused
    tab.act("settings", settings={"lr": 0.001, "speed": 0, "layers": "4"})
    told = tab.news(lambda told: len(told["weights"]) == 2)
    assert (told["step"], len(tab.runs)) == (0, 2)


def test_pause_step_play_reset(tab):
    tab.act("pause")
    paused = tab.news(lambda told: not told["running"])["step"]
    for k in (1, 2):
        tab.act("step")
        assert tab.news(lambda told, before=paused + k - 1: told["step"] > before)["step"] == paused + k
    tab.act("reset")
    assert tab.news(lambda told: told["step"] < paused)["step"] == 0
    status, told = tab.ask("GET", f"{tab.path}/report")
    assert (status, told["error"]) == (409, "There is nothing to report before the first step.")
    tab.act("play")
    assert tab.news(lambda told: told["step"] > 10)["running"]


def test_a_loss_that_explodes_stops_with_a_sentence_and_reset_goes_on(playground):
    tab = Tab(playground, optimizer="sgd", activation="relu", lr=100, speed=0, layers="64,64,64,64")
    told = tab.news(lambda told: told["message"])
    assert "lower the learning rate" in told["message"]
    assert not told["running"]
    tab.act("settings", settings={"lr": 0.01, "speed": 0})
    tab.act("reset")
    assert tab.news(lambda told: told["running"])["message"] == ""
    tab.close()


def test_mistakes_change_nothing_and_are_answered(tab):
    tab.news(lambda told: told["step"] > 10)
    status, told = tab.act("settings", settings={"lr": -1})
    assert (status, told["field"]) == (400, "lr")
    assert "above 0" in told["error"]
    status, told = tab.act("settings", settings={"data": "csv", "csv": "1,2\n"})
    assert (status, told["field"]) == (400, "csv")
    assert "line 1 has 2 columns" in told["error"]
    assert tab.act("fly")[0] == 400
    assert tab.ask("GET", "/../settings.py")[0] == 404
    assert tab.ask("POST", "/api/sessions/unknown", {"action": "play"})[0] == 404
    assert tab.ask("POST", "/api/sessions", {"csv": "x" * 2_100_000})[0] == 413
    before = tab.news()["step"]
    assert tab.news(lambda told: told["step"] > before)["running"]


def test_two_tabs_do_not_disturb_each_other(playground):
    one, two = Tab(playground, speed=0), Tab(playground, data="csv", csv=CSV, speed=0, lr=0.5)
    one.act("pause")
    stopped = one.news(lambda told: not told["running"])["step"]
    before = two.news()["step"]
    assert two.news(lambda told: told["step"] > before + 50)["lr"] == 0.5
    assert two.runs[0]["classes"] == ["cat", "dog"]
    one.act("step")
    assert one.news(lambda told: told["step"] > stopped)["step"] == stopped + 1
    two.close()
    deadline = time.monotonic() + 5
    while len(playground.sessions) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(playground.sessions) == 1, "a session ends with its tab"
    one.act("play")
    one.news(lambda told: told["step"] > stopped + 20)
    one.close()


def test_too_many_tabs_and_those_nobody_came_to_see(playground, monkeypatch):
    monkeypatch.setattr(server, "SESSIONS", 1)
    tab = Tab(playground)
    status, told = tab.ask("POST", "/api/sessions", {})
    assert (status, told["error"].partition(";")[0]) == (503, "1 tabs are open, which is the most")
    tab.close()
    monkeypatch.setattr(server, "SESSIONS", 2)
    monkeypatch.setattr(server, "UNWATCHED", 0.1)
    tab.ask("POST", "/api/sessions", {})
    deadline = time.monotonic() + 5
    while playground.sessions and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not playground.sessions


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_other_names_and_other_pages_are_refused(tab, headers, status):
    assert tab.ask("POST", "/api/sessions", {}, headers)[0] == status
    port = tab.playground.server_port
    assert tab.ask("GET", "/", headers={"Host": f"localhost:{port}"})[0] == 200
    assert tab.playground.server_address[0] == "127.0.0.1"


def test_it_stops_although_tabs_are_open_and_connections_idle():
    running = Server(0).start()
    tab = Tab(running, speed=0)
    tab.news()
    idle = socket.create_connection(("127.0.0.1", running.server_port))
    time.sleep(0.2)
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < 3
    assert not any("playground" in thread.name for thread in threading.enumerate())
    idle.close()
    tab.close()


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_the_command_stops_cleanly(kind):
    command = [sys.executable, "-m", "demos", "playground", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline(), process.stdout.readline()]
            assert "The playground is at http://127.0.0.1:" in lines[1]
            process.send_signal(kind)
            _, errors = process.communicate(timeout=10)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_named(capsys):
    from demos.__main__ import main

    with Server(0).start() as running:
        with pytest.raises(SystemExit) as caught:
            main(["playground", "--port", str(running.server_port)])
        assert caught.value.code == 2
    assert f"port {running.server_port} cannot be had" in capsys.readouterr().err


def test_the_demo_tries_itself(capsys):
    from demos.__main__ import main

    assert main(["playground", "--quick"]) == 0
    assert "of the held-out moons right" in capsys.readouterr().out


# The page --------------------------------------------------------------------------------------------------------


def until(reader, script, seconds=8):
    deadline = time.monotonic() + seconds
    while not reader.run(script):
        assert time.monotonic() < deadline, f"{script}; the page says {reader.text('body')}"
        time.sleep(0.05)


def write(reader, name, text):
    field = reader.find(f"[name={name}]")
    field.clear()
    field.send_keys(text)


@pytest.mark.parametrize(
    ("size", "scheme"), [(browser.DESKTOP, "light"), (browser.DESKTOP, "dark"), (browser.PHONE, "light")]
)
def test_the_page_at_sight(playground, reader, size, scheme):
    reader.visit(f"{playground.url}#data=spirals&layers=16,16&lr=0.03&speed=0&activation=relu", size, scheme)
    until(reader, "news && news.step > 150")
    reader.find("#play").click()
    until(reader, "!news.running")
    assert reader.run("document.documentElement.scrollWidth") <= size[0], "no scrolling sideways"
    assert reader.picture(f"playground-{scheme}-{size[0]}") > 500, "not blank"
    assert reader.run("[...document.querySelectorAll('input, select, textarea')].every(x => x.labels.length)")
    assert reader.run("[...document.querySelectorAll('canvas')].every(x => x.ariaLabel.includes('loss'))")
    for ink in ("ink", "muted", "bad", "class0", "class1", "class2", "class3", "class4"):
        least = 3 if ink.startswith("class") else 4.5  # of shapes, and of text
        assert reader.run(f"{browser.CONTRAST}({ink!r}, 'ground')") >= least, ink
    reader.driver.get("about:blank")


def test_a_person_plays(playground, reader):
    reader.visit(f"{playground.url}#data=moons&lr=0.02&speed=300&layers=4,4")
    until(reader, "news && news.step > 30")
    assert reader.find("[name=layers]").get_attribute("value") == "4,4"
    reader.find("#faster").click()
    until(reader, "news.lr === 0.06")
    assert reader.run("news.step") > 30, "no restart"
    assert "lr=0.06" in reader.run("location.hash")
    reader.press("p")
    until(reader, "!news.running && byId('play').textContent.includes('Play')")
    step = reader.run("news.step")
    reader.press("ARROW_RIGHT")
    until(reader, f"news.step === {step + 1}")
    write(reader, "layers", "4,99")
    until(reader, "!byId('problem').hidden")
    assert "Layer 2 is 99; it must be a number from 1 to 64" in reader.text("#problem")
    assert reader.find("[name=layers]").get_attribute("aria-invalid") == "true"
    write(reader, "layers", "3")
    until(reader, "byId('problem').hidden && news && news.weights.length === 2 && news.step === 0")
    reader.run("(form.data.value = 'csv', form.data.dispatchEvent(new Event('input', { bubbles: true })))")
    until(reader, "!byId('problem').hidden")
    assert "no CSV yet" in reader.text("#problem")
    write(reader, "csv", "1,2\n")
    until(reader, "byId('problem').textContent.includes('line 1 has 2 columns')")
    reader.run(f"(form.csv.value = {json.dumps(CSV)}, form.csv.dispatchEvent(new Event('input', {{ bubbles: true }})))")
    until(reader, "byId('problem').hidden && run.classes.join() === 'cat,dog'")
    address = reader.run("location.href")
    reader.picture("playground-csv")
    problems = [entry["message"] for entry in reader.driver.get_log("browser")]
    assert all("status of 400" in message for message in problems), problems
    reader.driver.get("about:blank")
    reader.visit(address)
    until(reader, "run && run.classes.join() === 'cat,dog' && news && news.weights.length === 2")
    playground.close()
    until(reader, "byId('problem').textContent.includes('connection to the server ended')")
    reader.driver.get("about:blank")
    reader.driver.get_log("browser")  # the connection that ended


def test_an_explosion_is_explained_until_it_is_reset(playground, reader):
    settings = "optimizer=sgd&activation=relu&lr=100&speed=0&layers=64,64,64,64"
    reader.visit(f"{playground.url}#{settings}")
    until(reader, "byId('problem').textContent.includes('lower the learning rate')")
    assert not reader.find("#play").is_enabled()
    write(reader, "lr", "0.01")
    until(reader, "news.lr === 0.01")
    assert "lower the learning rate" in reader.text("#problem")
    reader.find("#reset").click()
    until(reader, "news.running && news.step > 0 && byId('problem').hidden")
    reader.driver.get("about:blank")


def test_a_wrong_address_is_explained(playground, reader):
    reader.visit(f"{playground.url}#lr=-3&data=mnist")
    until(reader, "!byId('problem').hidden")
    assert "mnist is no choice for data" in reader.text("#problem")
    write(reader, "lr", "0.1")
    until(reader, "news && news.step > 0 && byId('problem').hidden")
    reader.driver.get("about:blank")
    reader.driver.get_log("browser")  # the refusal, with status 400
