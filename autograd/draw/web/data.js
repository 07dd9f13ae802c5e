// What was baked in, and who uses whom. Nodes stand in the order of the computation, operands before results.
const data = JSON.parse(document.getElementById("data").textContent);
const { nodes, edges } = data;
const byId = id => document.getElementById(id);

nodes.forEach((node, i) => {  // what goes without saying is not in the file: page.py
  node.module = data.modules[node.module ?? 0];
  Object.assign(node, { i, ins: [], outs: [], arrived: [], title: node.name || node.id, path: node.module ? node.module.split(".") : [] });
  node.kind ??= "result";
  node.value ??= [];
  node.says ??= node.value.join("; ");
  node.gradient ??= node.grad;
  node.own ??= node.grad;
  if (node.torch === 1) node.torch = node.grad;
  node.formula = data.formulas[node.row];
  if (node.row && node.symbol === undefined) node.symbol = node.row;
  [node.place, node.code] = data.lines[node.line] || [];
});
edges.forEach((edge, e) => {
  edge.turns = [...(edge.like ? edges[edge.like[0]].turns.slice(0, edge.like[1]) : []), ...(edge.route || [])];
  Object.assign(edge, { e, lines: edge.lines || [], route: routed(edge) });
  edge.label ??= edge.lines.join(" ");
  edge.local ??= edge.label.split(" = ").at(-1);
  if (edge.step) edge.gives ??= edge.step.split(" = ").at(-1);
  edge.brief ??= edge.sum;
  nodes[edge.from].outs.push(edge);
  nodes[edge.to].ins.push(edge);
});
function routed({ from, to, turns }) {  // the corners: two in every layer, from the edge of one box to that of the other
  const [along, wide, aside] = data.across ? [0, 2, 1] : [1, 3, 0], points = [];
  const put = (a, b) => points.push(...(data.across ? [a, b] : [b, a]));
  const [start, end] = [nodes[from].at, nodes[to].at];
  let layer = data.layers.findIndex(([, last]) => start[along] <= last), side = start[aside];
  put(start[along] + start[wide] / 2, side);
  put(data.layers[layer][1], side);
  turns.forEach((turn, k) => {
    layer++;
    side += turn;
    put(data.layers[layer][0], side);
    put(k < turns.length - 1 ? data.layers[layer][1] : end[along] - end[wide] / 2, side);
  });
  return points;
}

const SVG = "http://www.w3.org/2000/svg";
function el(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made[key] = value; else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined && child !== ""));
  return made;
}
const kinds = { leaf: "leaf", constant: "constant", result: "result", output: "output", module: "folded module" };
const wordOf = node => node.row ? `${node.row}${node.row === node.symbol ? "" : ` (${node.symbol})`}` : kinds[node.kind];
