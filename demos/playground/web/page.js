// The settings, in the form and in the address; the session; what it tells.
"use strict";
const form = byId("settings"), DEFAULTS = { data: "moons", noise: "0.1", layers: "8, 8", activation: "tanh", optimizer: "adam", lr: "0.03", batch: "32", speed: "60", seed: "0", csv: "" };
const CARRIED = 6000; // characters of a CSV that the address takes
let session = null, source = null, run = null, news = null, asked = 0, later = 0;

// Settings ---------------------------------------------------------------------------------------------------------
function chosen() { return Object.fromEntries(Object.keys(DEFAULTS).filter(name => name !== "csv" || form.data.value === "csv").map(name => [name, form[name].value.trim()])); }
function fill() {
  const given = new URLSearchParams(location.hash.slice(1)), unknown = [];
  for (const [name, value] of Object.entries({ ...DEFAULTS, ...Object.fromEntries(given) })) {
    if (!(name in DEFAULTS)) { unknown.push(`there is no setting ${name}`); continue; }
    if (name === "speed" && ![...form.speed.options].some(option => option.value === value)) form.speed.append(new Option(`${value} steps / s`, value));
    form[name].value = value;
    if (form[name].value !== value && name !== "csv") { form[name].value = DEFAULTS[name]; unknown.push(`${value} is no choice for ${name}`); }
  }
  adapt();
  return unknown;
}
function adapt() {
  byId("own").hidden = form.data.value !== "csv";
  byId("noisy").hidden = form.data.value === "csv";
}
function remember() {
  const settings = chosen(), long = (settings.csv || "").length > CARRIED;
  if (long) delete settings.csv;
  byId("carried").textContent = long ? "This CSV is too long for the address: it holds all other settings." : "";
  settings.layers = settings.layers.replaceAll(" ", "");
  history.replaceState(null, "", `#${new URLSearchParams(settings)}`);
}
function problem(message, field = "") {
  byId("problem").textContent = message;
  byId("problem").hidden = !message;
  for (const input of form.elements) if (input.name === field && field) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
}

// The session ------------------------------------------------------------------------------------------------------
async function post(path, content) {
  let answer, told;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });
    told = await answer.json();
  } catch { problem("The server does not answer: start it again (python -m demos playground), then press Reset."); lost(); return null; }
  if (answer.ok) return told;
  if (answer.status === 404) lost();
  problem(told.error, told.field);
  return null;
}
function lost() { source?.close(); source = session = null; showButtons(); }
function listen() {
  source = new EventSource(`/api/sessions/${session}/events`);
  source.addEventListener("run", event => { run = JSON.parse(event.data); drawLegend(run); });
  source.addEventListener("news", event => { news = JSON.parse(event.data); show(); });
  source.onerror = () => { lost(); problem("The connection to the server ended: start it again if it was stopped, then press Reset."); };
  byId("report").href = `/api/sessions/${session}/report`;
}
async function settle() {
  const number = ++asked, settings = chosen();
  remember();
  const told = session ? await post(`/api/sessions/${session}`, { action: "settings", settings }) : await post("/api/sessions", settings);
  if (!told || number !== asked) return;
  problem(told.session ? "" : news?.message || ""); // why it stopped is said until it goes on
  if (told.session) { session = told.session; listen(); }
}
function settleSoon() { clearTimeout(later); later = setTimeout(settle, 300); }
async function act(action) {
  if (!session) return settle();
  if (action === "reset") problem("");
  await post(`/api/sessions/${session}`, { action });
}

// Showing ----------------------------------------------------------------------------------------------------------
function percent(share) { return share === null ? "" : `${(100 * share).toFixed(1)}%`; }
function showButtons() {
  const going = Boolean(session && news?.running);
  byId("play").textContent = going ? "❚❚ Pause" : "▶ Play";
  byId("step").disabled = !session || Boolean(news?.message);
  byId("play").disabled = Boolean(session && news?.message);
  byId("report").hidden = !session || !news?.step;
}
let told = "";
function show() {
  if (!run || !news || document.hidden) return;
  drawPlane(run, news); drawLoss(run, news); drawNetwork(run, news);
  const { train, held_out: held } = news, says = byId("says");
  const lines = [`loss ${shown(train.loss)} (chance ${run.chance.toFixed(3)})`, `accuracy ${percent(train.accuracy)}${held.accuracy === null ? "" : `, held out ${percent(held.accuracy)}`}`];
  says.replaceChildren(Object.assign(document.createElement("b"), { textContent: `Step ${news.step}` }), ` · learning rate ${shown(news.lr)} · ${run.parameters} parameters`, document.createElement("br"), lines[0], document.createElement("br"), lines[1]);
  says.setAttribute("aria-live", news.running ? "off" : "polite"); // no reader could keep up
  byId("layers").replaceChildren(...news.layers.map(layer => {
    const row = document.createElement("tr");
    for (const cell of [layer.shape, shown(layer.gradient), shown(layer.update), layer.dead === null ? "–" : `${layer.dead} of ${layer.units}`]) row.append(Object.assign(document.createElement("td"), { textContent: cell }));
    return row;
  }));
  if (news.message !== told) { told = news.message; problem(told); }
  const summary = `Step ${news.step}: ${lines.join("; ")}`;
  for (const [id, what] of [["boundary", "The plane, coloured by the class that the network finds likeliest"], ["loss", "The loss at all steps so far"], ["network", "The weights between the layers"]]) byId(id).setAttribute("aria-label", `${what}. ${summary}`);
  showButtons();
}

// Wiring -----------------------------------------------------------------------------------------------------------
form.addEventListener("input", () => { adapt(); settleSoon(); });
form.addEventListener("submit", event => { event.preventDefault(); settle(); });
byId("file").addEventListener("change", async () => {
  const [file] = byId("file").files;
  if (!file) return;
  if (file.size > 500000) return problem(`CSV: ${file.name} has ${file.size.toLocaleString("en")} bytes; at most 500,000 can be taken.`, "csv");
  form.csv.value = await file.text();
  settle();
});
for (const [id, factor] of [["slower", 1 / 3], ["faster", 3]]) byId(id).addEventListener("click", () => {
  form.lr.value = String(Number((Number(form.lr.value) * factor).toPrecision(2)));
  settle();
});
byId("play").addEventListener("click", () => act(news?.running ? "pause" : "play"));
byId("step").addEventListener("click", () => act("step"));
byId("reset").addEventListener("click", () => act("reset"));
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const key = { p: "play", P: "play", ArrowRight: "step", r: "reset", R: "reset" }[event.key];
  if (key) { byId(key).click(); event.preventDefault(); }
});
function begin() { const wrong = fill(); settle().then(() => { if (wrong.length) problem(`In the address: ${wrong.join("; ")}.`); }); }
addEventListener("hashchange", begin);
document.addEventListener("visibilitychange", show);
new ResizeObserver(show).observe(byId("plane"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
showButtons();
begin();
