// What is said about one node, and the table of all.
let chosen = null;
let pointed = null;

function link(node) { return h("button", { type: "button", class: "link", onclick: () => choose(node, true) }, node.title); }
function part(title, ...content) { return content.length ? [h("h3", {}, title), ...content] : []; }
function verdict(node) {
  return node.torch === undefined ? null : h("span", { class: node.differs ? "differs" : "agrees" }, !node.differs ? `${node.torch} ✓` : `${node.torch} ✗ differs`);
}

function describe(node) {
  const panel = byId("panel");
  panel.replaceChildren();
  if (!node) return panel.append(...legend());
  panel.append(h("h2", {}, node.full || node.title), h("p", { class: "kind" }, `${node.id}: ${wordOf(node)}${node.module ? `, in module ${node.module}` : ""}${node.cut ? "; some of its operands are not shown" : ""}`));
  if (node.formula) {
    const same = node.plugged === node.formula;
    panel.append(...part("Value", h("pre", {}, h("code", {}, `${node.formula}${same ? "" : `\n= ${node.plugged}`}\n= ${node.says}`))));
  } else if (node.value) panel.append(...part("Value", h("pre", {}, h("code", {}, node.says || node.value.join("; ")))));
  if (node.place) panel.append(...part("Computed at", h("p", {}, node.place), h("pre", {}, h("code", {}, node.code || ""))));
  if (node.own) panel.append(...gradientOf(node));
  const given = node.ins.filter(edge => edge.step);
  if (given.length) panel.append(...part("What it gives its operands: upstream × local = contribution", h("ul", {}, ...given.map(edge => contribution(edge, nodes[edge.from], "to ")))));
}
function gradientOf(node) {
  const lines = [h("p", {}, node.gradient === undefined ? "none in this pass" : node.gradient)];
  if (node.own !== node.grad) lines.push(h("p", { class: "kind" }, node.own === "-" ? "In the program, .grad holds nothing." : `In the program, .grad holds ${node.own}.`));
  if (node.torch !== undefined) lines.push(h("p", {}, "PyTorch: ", verdict(node)));
  const found = part("Gradient", ...lines);
  if (node.arrived.length || node.seeded) {
    const seed = node.seeded ? [h("li", {}, "1, since it is an output")] : [];
    found.push(...part("Contributions to it", h("ul", {}, ...seed, ...node.arrived.map(edge => contribution(edge, nodes[edge.to], "from ")))));
    if (node.sum) found.push(h("p", { class: "sum" }, `${node.sum} = ${node.gradient}`));
    else if (node.of) found.push(h("p", { class: "sum" }, `added up: ${node.gradient}`));
  }
  return found;
}
function contribution(edge, other, word) {
  const numbers = edge.local && edge.local !== edge.label && !edge.label.includes(edge.local) ? h("div", { class: "kind" }, `${edge.label} [${edge.local}]`) : h("div", { class: "kind" }, edge.label);
  return h("li", {}, word, link(other), numbers, h("code", {}, edge.step));
}
function legend() {
  const swatch = (kind, text) => h("li", {}, h("span", { class: "swatch", style: `background:var(--${kind});border-color:var(--${kind}-line)` }), text);
  const used = new Set([...nodes.map(node => node.kind), ...(modules.size ? ["module"] : [])]), words = { leaf: "given, with a gradient", constant: "given, without one", result: "computed", output: "what was drawn", module: "a module, folded; click its name, or its box, to fold and unfold" };
  return [h("h2", {}, "Point at a node, or tap it"), h("p", { class: "kind" }, "for its formula with numbers, the line that made it, and every contribution to its gradient."),
    ...part("Boxes", h("ul", {}, ...Object.entries(words).filter(([kind]) => used.has(kind)).map(([kind, text]) => swatch(kind, text)))),
    ...part("Edges", h("p", {}, "Each carries the local derivative, of the result with respect to that operand: x and y are the operation's operands, out its result. Where an operation mixes elements, it is the contribution as a whole, written in the upstream gradient g.")),
    ...part("Keys", h("p", {}, "← → step, P play, Home and End; + − 0 zoom; / search; Tab to the graph, then ↑ ↓ from node to node.")),
    ...(data.hint ? part("Lines and modules", h("p", {}, data.hint)) : [])];
}

function choose(node, center = false) {
  if (chosen) { chosen.shape.classList.remove("chosen"); chosen.rowShown?.classList.remove("chosen"); }
  chosen = node;
  if (node) {
    const path = lidOf(node);
    if (path) { closed.delete(path); arrange(); show(); }
    node.shape.classList.add("chosen");
    node.rowShown?.classList.add("chosen");
    roam(node.shape);
    if (center) bringIntoView(spots[node.i]);
  }
  point(null);
}
function point(node) {  // at a node, with the mouse or the keyboard
  pointed = node;
  const about = node || chosen;
  for (const edge of edges) edge.wire.classList.toggle("near", !!about && (edge.from === about.i || edge.to === about.i));
  describe(about);
}
function roam(shape) {  // one box at a time can be reached by Tab
  svg.querySelectorAll('.box[tabindex="0"]').forEach(box => box.setAttribute("tabindex", -1));
  shape.setAttribute("tabindex", 0);
}

function fillTable() {
  const head = ["Node", "Operation", "Module", "Value", "Gradient", ...(data.torch ? [`PyTorch ${data.torch}`] : [])];
  const rows = computed.map(node => {
    const cells = [h("td", {}, h("button", { type: "button", class: "link", onclick: () => { choose(node, true); stage.scrollIntoView({ block: "nearest" }); } }, node.full || node.title)), wordOf(node), node.module || "", node.says, node.grad || "-"];
    if (data.torch) cells.push(verdict(node) || "-");
    node.rowShown = h("tr", {}, ...cells.map(cell => cell instanceof HTMLTableCellElement ? cell : h("td", {}, cell)));
    return node.rowShown;
  });
  byId("table").append(h("thead", {}, h("tr", {}, ...head.map(title => h("th", { scope: "col" }, title)))), h("tbody", {}, ...rows));
}
