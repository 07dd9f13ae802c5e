// Modules: a ground beneath the boxes of each, or one box instead of them. Room that falls empty is closed up.
const paths = new Map();  // path of a module -> its nodes, those of the modules within it too
for (const node of nodes) node.path.forEach((_, k) => {
  const path = node.path.slice(0, k + 1).join(".");
  paths.set(path, [...(paths.get(path) || []), node]);
});
const modules = new Map([...paths].sort((a, b) => a[0].split(".").length - b[0].split(".").length));
const deepest = Math.max(0, ...[...modules.keys()].map(path => path.split(".").length));
const closed = new Set();
const lids = new Map();  // the boxes of folded modules
const GAP = 46;

function lidOf(node) {  // the folded module that hides a node: the outermost
  for (let k = 1; k <= node.path.length; k++) {
    const path = node.path.slice(0, k).join(".");
    if (closed.has(path)) return path;
  }
  return "";
}

function lid(path) {
  if (!lids.has(path)) {
    const members = modules.get(path), n = members.filter(node => node.row).length;
    const below = `${n} operation${n === 1 ? "" : "s"}`, wide = Math.max(path.length * 8.2, below.length * 6.4) + 30;
    const box = el("g", { class: "box module", tabindex: -1, role: "button", "aria-expanded": "false", "aria-label": `Module ${path}, folded, ${below}; unfold` },
      el("rect", { x: -wide / 2, y: -23, width: wide, height: 46, rx: 9 }),
      el("text", { class: "name middle", y: -3 }, path), el("text", { class: "heading middle", y: 14 }, below));
    box.module = path;
    lids.set(path, { box, members, size: [wide, 46] });
  }
  return lids.get(path);
}

function toggle(path) {
  if (!closed.delete(path)) closed.add(path);
  arrange();
  const next = closed.has(path) ? lid(path).box : byId("titles").querySelector(`[data-path="${CSS.escape(path)}"]`);
  if (next) next.focus({ preventScroll: true });
}
function foldAll() {
  const all = closed.size === 0;
  closed.clear();
  if (all) for (const path of modules.keys()) if (!path.includes(".") && modules.size === 1 || path.split(".").length === Math.min(2, deepest)) closed.add(path);
  arrange();
  fit();
}

// Where things are once some are hidden ------------------------------------------------------------------

let spots = [];  // of each node: x, y, width, height; a hidden one has those of its module's box
function arrange() {
  const hidden = nodes.map(lidOf), open = closed.size === 0;
  const places = new Map();
  for (const path of new Set(hidden.filter(Boolean))) {
    const { members, size } = lid(path);
    const xs = members.map(node => node.at[0]), ys = members.map(node => node.at[1]);
    places.set(path, [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2, ...size]);
  }
  const inside = edge => hidden[edge.from] && hidden[edge.from] === hidden[edge.to];
  const whole = edge => !hidden[edge.from] && !hidden[edge.to];
  const taken = [...nodes.filter((_, i) => !hidden[i]).map(node => node.at), ...places.values(), ...edges.filter(edge => whole(edge) && edge.plate).map(edge => edge.at)];
  const toX = open ? x => x : squeezed(taken.map(([x, , w]) => [x - w / 2, x + w / 2]));
  const toY = open ? y => y : squeezed(taken.map(([, y, , h]) => [y - h / 2, y + h / 2]));
  const moved = ([x, y, w, h]) => [toX(x), toY(y), w, h];
  spots = nodes.map((node, i) => moved(hidden[i] ? places.get(hidden[i]) : node.at));
  nodes.forEach((node, i) => {
    node.shape.style.display = hidden[i] ? "none" : "";
    node.shape.setAttribute("transform", `translate(${spots[i][0]} ${spots[i][1]})`);
  });
  for (const [path, { box }] of lids) {
    if (!places.has(path)) { box.remove(); continue; }
    byId("boxes").append(box);
    const [x, y] = moved(places.get(path));
    box.setAttribute("transform", `translate(${x} ${y})`);
  }
  const drawn = new Set();  // of the edges between a folded module and another box, one is enough
  for (const edge of edges) {
    const shown = whole(edge), key = `${hidden[edge.from] || edge.from}>${hidden[edge.to] || edge.to}`;
    const twice = !shown && drawn.has(key);
    if (!shown) drawn.add(key);
    edge.wire.style.display = inside(edge) || twice ? "none" : "";
    edge.wire.setAttribute("d", shown ? pathAlong(edge.route.map((v, k) => k % 2 ? toY(v) : toX(v))) : between(spots[edge.from], spots[edge.to]));
    if (edge.plate) {
      edge.plate.style.display = shown ? "" : "none";
      edge.plate.setAttribute("transform", `translate(${toX(edge.at[0])} ${toY(edge.at[1])})`);
    }
    edge.middle = shown ? [toX(edge.at ? edge.at[0] : (edge.route[0] + edge.route.at(-2)) / 2), toY(edge.at ? edge.at[1] : (edge.route[1] + edge.route.at(-1)) / 2)]
      : [(spots[edge.from][0] + spots[edge.to][0]) / 2, (spots[edge.from][1] + spots[edge.to][1]) / 2];
  }
  drawGrounds(hidden);
  byId("fold").textContent = closed.size ? "Unfold all" : "Fold all";
}

function between([x, y, w, h], [x1, y1, w1, h1]) {
  const [a, b, c, d] = data.across ? [x + w / 2, y, x1 - w1 / 2, y1] : [x, y + h / 2, x1, y1 - h1 / 2];
  return `M${a} ${b}${curve(a, b, c, d)}`;
}

function squeezed(intervals) {  // a map of coordinates that leaves no gap wider than GAP
  const sorted = intervals.sort((a, b) => a[0] - b[0]), knots = [];
  let end = 0, shift = 0;
  for (const [from, to] of sorted) {
    if (from - end > GAP) { knots.push([end, from, shift]); shift += from - end - GAP; }
    end = Math.max(end, to);
  }
  return v => {
    let total = 0;
    for (const [a, b, before] of knots) {
      if (v >= b) total = before + b - a - GAP;
      else if (v > a) return v - before - (v - a) * (b - a - GAP) / (b - a);
    }
    return v - total;
  };
}

function drawGrounds(hidden) {
  const grounds = byId("grounds"), titles = byId("titles");
  grounds.replaceChildren();
  titles.replaceChildren();
  const crumbs = new Map();  // of the box where several begin: how far their titles reach
  for (const [path, members] of modules) {
    const level = path.split(".").length, seen = members.filter(node => !hidden[node.i]);
    if (!seen.length) continue;
    const own = new Set(seen.map(node => node.i)), margin = 6 + 4 * (deepest - level);
    const bands = edges.filter(edge => own.has(edge.from) && own.has(edge.to)).map(edge => edge.wire.getAttribute("d")).join("");
    const plates = seen.map(node => { const [x, y, w, h] = spots[node.i]; return `M${x - w / 2} ${y - h / 2}h${w}v${h}h${-w}z`; }).join("");
    // of one opaque colour, so that strokes which overlap do not add up
    const tint = `color-mix(in srgb, var(--ground), rgb(var(--cluster)) ${10 + 7 * level}%)`, edge = `color-mix(in srgb, var(--ground), rgb(var(--cluster)) 55%)`;
    grounds.append(
      el("path", { class: "ground", d: plates, style: `stroke:${edge};stroke-width:${2 * margin + 1.6}` }),
      el("path", { class: "ground", d: bands, style: `stroke:${tint};stroke-width:12` }),
      el("path", { class: "ground", d: plates, style: `fill:${tint};stroke:${tint};stroke-width:${2 * margin}` }));
    const first = seen.reduce((a, b) => spots[b.i][0] - spots[b.i][2] / 2 < spots[a.i][0] - spots[a.i][2] / 2 ? b : a);
    const [x, y, w, high] = spots[first.i], crumb = crumbs.get(first) ?? 0, said = `▾ ${crumb ? path.split(".").at(-1) : path}`;
    const title = el("text", { class: "title", x: x - w / 2 + crumb, y: y - high / 2 - 4 * (deepest - first.path.length) - 10, tabindex: 0, role: "button", "aria-expanded": "true", "aria-label": `Module ${path}; fold`, "data-path": path }, said);
    crumbs.set(first, crumb + said.length * 6.3 + 7);
    title.module = path;
    titles.append(title);
  }
}
