// Wiring: what clicks, keys and the search do. Focus and keys are listened for at the stage: an SVG that listens for them
// becomes a stop of the Tab key itself.
const nodeOf = target => { const box = target.closest?.(".box"); return box && nodes.find(node => node.shape === box); };
const moduleOf = target => target.closest?.(".module, .title")?.module;

svg.addEventListener("click", event => {
  if (travelled > 4) return;
  const path = moduleOf(event.target);
  if (path) { toggle(path); show(); } else choose(nodeOf(event.target) || null);
});
svg.addEventListener("pointerover", event => { if (event.pointerType === "mouse" && !fingers.size) point(nodeOf(event.target) || null); });
svg.addEventListener("pointerleave", () => point(null));
stage.addEventListener("focusin", event => {
  const node = nodeOf(event.target);
  if (!node || !event.target.matches(":focus-visible")) return;
  bringIntoView(spots[node.i]);
  point(node);
});
stage.addEventListener("keydown", event => {
  if (event.key === "Enter" || event.key === " ") {
    const path = moduleOf(event.target), node = nodeOf(event.target);
    if (path) { toggle(path); show(); } else if (node) choose(node);
    event.preventDefault();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const boxes = [...nodes.filter(node => node.shape.style.display !== "none").map(node => node.shape), ...byId("boxes").querySelectorAll(".box.module")];
    const at = boxes.indexOf(event.target), next = boxes[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { roam(next); next.focus({ preventScroll: true }); }
    event.preventDefault();
  }
});

let matches = [], match = -1;
function search() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const said = node => [node.title, node.full, node.id, node.symbol, node.row, node.module, node.place, node.code].join(" ").toLowerCase();
  matches = words.length ? nodes.filter(node => words.every(word => said(node).includes(word))) : [];
  match = -1;
  const hits = new Set(matches);
  svg.classList.toggle("searching", words.length > 0);
  nodes.forEach(node => node.shape.classList.toggle("hit", hits.has(node)));
  byId("found").textContent = words.length ? `${matches.length} found` : "";
}
byId("search").addEventListener("input", search);
byId("search").addEventListener("keydown", event => {
  if (event.key === "Escape") { byId("search").value = ""; search(); }
  if (event.key !== "Enter" || !matches.length) return;
  match = (match + (event.shiftKey ? matches.length - 1 : 1)) % matches.length;
  choose(matches[match], true);
  byId("found").textContent = `${match + 1} of ${matches.length}`;
});

for (const [id, act] of Object.entries({
  in: () => { following = false; zoom(1.3); }, out: () => { following = false; zoom(1 / 1.3); }, fit: () => { following = false; fit(); }, fold: () => { foldAll(); show(); },
  start: () => { pause(); go(0); }, end: () => { pause(); go(steps.length); }, before: () => move(-1), after: () => move(1), play,
})) byId(id).addEventListener("click", act);
byId("slider").addEventListener("input", () => { pause(); go(Number(byId("slider").value)); });
byId("speed").addEventListener("change", () => { if (timer) { pause(); play(); } });

const keys = {
  ArrowRight: () => move(1), ArrowLeft: () => move(-1), Home: () => byId("start").click(), End: () => byId("end").click(), p: play, P: play,
  "+": () => byId("in").click(), "=": () => byId("in").click(), "-": () => byId("out").click(), 0: () => byId("fit").click(), "/": () => byId("search").focus(),
};
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
});

// The start
byId("slider").max = steps.length;
const crowded = nodes.length > 400 && modules.size > 0;
byId("notice").textContent = [data.notice, crowded ? `${nodes.length} boxes: modules are folded; click one to open it` : ""].filter(Boolean).join("; ");
byId("notice").hidden = !byId("notice").textContent;
byId("fold").hidden = modules.size === 0;
const share = 100 * forward / Math.max(1, steps.length);
byId("phases").append(h("span", { style: "left:0" }, "forward"), h("span", steps.length > forward ? { style: `left:${Math.min(share, 80)}%` } : { hidden: "" }, "backward"));
for (const child of byId("player").querySelectorAll("button, input, select")) child.disabled = !steps.length;
fillTable();
if (crowded) foldAll(); else arrange();
if (nodes.length) roam(nodes[nodes.length - 1].shape);
show();
point(null);
fit(0.55);
let size = stage.clientWidth;
new ResizeObserver(() => { if (stage.clientWidth !== size) { size = stage.clientWidth; fit(); } }).observe(stage);
