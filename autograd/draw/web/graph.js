// Boxes and wires, drawn once; what follows only moves, shows and hides them.
const PAD_X = 10, NAME = 18, ROW = 15;

function drawBox(node) {
  const [, , wide, high] = node.at, rows = rowsOf(node), single = node.kind === "constant" && !node.own;
  const left = PAD_X - wide / 2, right = wide / 2 - PAD_X;
  const g = el("g", { class: `box ${node.kind}${node.cut ? " cut" : ""}`, tabindex: -1, role: "button" });
  g.append(el("rect", { x: -wide / 2, y: -high / 2, width: wide, height: high, rx: single ? high / 2 : 8 }));
  let y = (single ? 3 : 7) - high / 2;
  if (node.name || node.symbol) {
    const both = node.name && node.symbol;
    if (node.name) g.append(el("text", { class: both ? "name" : "name middle", x: both ? left : 0, y: y + 13 }, node.name));
    if (node.symbol) g.append(el("text", { class: both ? "symbol right" : "symbol middle", x: both ? right : 0, y: y + 13 }, node.symbol));
    y += NAME;
  }
  node.cells = {};
  for (const [key, heading, content] of rows) {
    if (heading) g.append(el("text", { class: "heading", x: left, y: y + 11 }, heading));
    const cell = el("text", { class: single ? "middle" : "right", x: single ? 0 : right, y: y + 11 }, content);
    if (key) node.cells[key] = cell;
    g.append(cell);
    y += ROW;
  }
  node.shape = g;
  return g;
}

function rowsOf(node) {
  if (node.rows) return node.rows.map(([heading, content]) => ["", heading, content]);
  const rows = (node.value || []).map((line, k) => ["", k || !node.own ? "" : "data", line]);
  if (node.own) rows.push(["grad", "grad", node.own]);
  if (node.of) rows.push(["sum", "", ""]);
  return rows;
}

function drawEdge(edge) {
  edge.wire = el("path", { class: "wire" });
  edge.plate = null;
  if (edge.lines.length) {
    const [, , wide, high] = edge.at;
    edge.plate = el("g", { class: "plate" }, el("rect", { x: -wide / 2, y: -high / 2, width: wide, height: high, rx: 3 }));
    edge.lines.forEach((line, k) => edge.plate.append(el("text", { y: -high / 2 + 10.5 + 12.5 * k }, line)));
  }
}

function pathAlong(route) {  // pairs of corners: curve from an odd one to the next, straight on to the one after
  let d = `M${route[0]} ${route[1]}${line(...route.slice(0, 4))}`;
  for (let k = 2; k + 5 < route.length; k += 4) {
    const [x, y, x1, y1, x2, y2] = route.slice(k, k + 6);
    d += curve(x, y, x1, y1) + line(x1, y1, x2, y2);
  }
  return d;
}
function line(x, y, x1, y1) { return x === x1 && y === y1 ? "" : `L${x1} ${y1}`; }  // one without length has no direction for its arrow
function curve(x, y, x1, y1) {
  return data.across ? `C${(x + x1) / 2} ${y} ${(x + x1) / 2} ${y1} ${x1} ${y1}` : `C${x} ${(y + y1) / 2} ${x1} ${(y + y1) / 2} ${x1} ${y1}`;
}

edges.forEach(drawEdge);
nodes.forEach(drawBox);
byId("wires").append(...edges.map(edge => edge.wire));
byId("labels").append(...edges.map(edge => edge.plate).filter(Boolean));
byId("boxes").append(...nodes.map(node => node.shape));
