// The scrubber: values appear in the order of the computation, then gradients flow back, one contribution a step.
const computed = nodes.filter(node => node.own);
const steps = computed.map(node => ({ node }));
for (const node of [...computed].reverse()) {
  if (node.seeded) steps.push({ node, seed: true });
  for (const edge of node.ins) if (edge.step) steps.push({ node, edge });
}
const forward = computed.length;
let position = null;  // how many steps are done; null: the graph is shown as it was drawn
let timer = 0;

const bold = text => h("b", {}, text);
function saysOf(step) {
  const { node, edge } = step;
  if (step.seed) return [`Backward: where the pass begins, the gradient of ${node.title} is `, bold(node.says === undefined || node.value.length > 1 ? "1 for each element" : "1"), "."];
  if (edge) {
    const operand = nodes[edge.from];
    const way = `Backward: ${node.title}${node.symbol ? ` (${node.symbol})` : ""} → ${operand.title}. `;
    const rule = edge.step.startsWith("g = ") ? `Contribution ${edge.local}, where ` : `Local derivative ${edge.label}. Upstream × local = contribution: `;
    return [way, rule, bold(edge.step), ...sumSays(edge, operand)];
  }
  if (!node.formula) return [`Forward: ${node.title} = ${node.says}${node.kind === "leaf" ? ", given" : ""}.`];
  const numbers = node.plugged === node.formula ? "" : ` = ${node.plugged}`;
  return [`Forward: ${node.title} = ${node.formula}${numbers} = `, bold(node.says), "."];
}
function sumSays(edge, operand) {
  if (!operand.of) return [`. This is the gradient of ${operand.title}.`];
  const before = operand.arrived.slice(0, operand.arrived.indexOf(edge) + 1), k = before.length + (operand.seeded ? 1 : 0);
  const numbers = operand.sum && k > 1 ? `${joined(partsOf(operand, before))} = ` : "";
  return [`. Contribution ${k} of ${operand.of}: the gradient of ${operand.title} is ${k < operand.of ? "so far" : "now"} ${numbers}`, bold(edge.sum), "."];
}
function partsOf(node, arrived) { return [...(node.seeded ? ["1"] : []), ...arrived.map(edge => edge.gives)]; }
function joined(parts) {
  return parts.map((part, k) => k === 0 ? part : part.startsWith("-") ? ` - ${part.slice(1)}` : ` + ${part}`).join("");
}

for (const { edge } of steps) if (edge) nodes[edge.from].arrived.push(edge);  // in the order of the pass

function show() {
  const drawn = position === null, done = drawn ? steps.length : position;
  const valued = new Set(), arrived = new Map();
  steps.forEach((step, k) => {
    if (k >= done) return;
    if (step.edge) arrived.set(step.edge.from, [...(arrived.get(step.edge.from) || []), step.edge]);
    else if (step.seed) arrived.set(step.node.i, arrived.get(step.node.i) || []);
    else valued.add(step.node.i);
  });
  const now = drawn || !done ? null : steps[done - 1];
  for (const node of nodes) {
    const ready = !node.own ? node.outs.some(edge => valued.has(edge.to)) || drawn : valued.has(node.i), there = arrived.get(node.i);
    node.shape.classList.toggle("todo", !ready);
    node.shape.classList.toggle("now", !!now && (now.edge ? now.edge.from === node.i || now.edge.to === node.i : now.node === node));
    if (!node.own) continue;
    const partial = there && there.length ? there.at(-1).brief : node.grad;
    const text = drawn ? node.own : !there ? "-" : partial || node.grad || "1";
    node.cells.grad.textContent = text;
    node.cells.grad.classList.toggle("flowing", !drawn && !!there);
    if (node.cells.sum) node.cells.sum.textContent = sumRow(node, drawn ? (node.own === "-" || node.own !== node.grad ? null : node.arrived) : there);
    node.shape.setAttribute("aria-label", `${node.name || node.id}, ${wordOf(node)}, value ${ready ? node.says : "not computed yet"}, gradient ${text === "-" ? "none" : text}`);
  }
  const active = now && (now.edge ? [nodes[now.edge.from], nodes[now.edge.to]] : [now.node]);
  for (const { box, members } of lids.values()) {
    box.classList.toggle("todo", !members.some(node => valued.has(node.i)));
    box.classList.toggle("now", !!active && active.some(node => members.includes(node)));
  }
  const flowed = new Set(steps.slice(0, drawn ? 0 : done).filter(step => step.edge).map(step => step.edge));
  for (const edge of edges) {
    const late = !drawn && nodes[edge.to].own && !valued.has(edge.to);
    edge.wire.classList.toggle("todo", !!late);
    edge.wire.classList.toggle("flowed", flowed.has(edge));
    edge.wire.classList.toggle("now", !!now && (now.edge === edge || (!now.edge && !now.seed && edge.to === now.node.i)));
    if (edge.plate) edge.plate.classList.toggle("todo", !!late);
  }
  showBadge(now);
  tell(now, drawn);
}
function sumRow(node, there) {
  if (!there || there.length + (node.seeded ? 1 : 0) < 2) return "";
  const k = there.length + (node.seeded ? 1 : 0);
  return node.sum ? `= ${joined(partsOf(node, there))}` : k < node.of ? `= sum of ${k} of ${node.of}` : `= sum of ${k}`;
}
function showBadge(now) {
  const badge = byId("badge");
  badge.replaceChildren();
  if (!now || !now.edge) return;
  const text = now.edge.step.split("; ")[0].replace(/^g = .*/, "g → " + now.edge.label.replace(/^d\w+: /, ""));
  const short = text.length > 44 ? text.slice(0, 43) + "…" : text, wide = short.length * 6.9 + 16;
  const ends = [spots[now.edge.from], spots[now.edge.to]], [x, middle] = now.edge.middle;
  const covers = ends.some(([bx, by, w, high]) => Math.abs(bx - x) < (w + wide) / 2 && Math.abs(by - middle) < high / 2 + 12);
  const y = covers ? Math.min(...ends.map(([, by, , high]) => by - high / 2)) - 22 : middle;  // then it stands above both
  badge.append(el("rect", { x: x - wide / 2, y: y - 12, width: wide, height: 24, rx: 7 }), el("text", { x, y: y + 4 }, short));
}
function tell(now, drawn) {
  const says = byId("says");
  byId("slider").value = drawn ? steps.length : position;
  byId("slider").setAttribute("aria-valuetext", drawn ? "as drawn" : `step ${position} of ${steps.length}`);
  byId("before").disabled = byId("start").disabled = !drawn && position === 0;
  byId("after").disabled = byId("end").disabled = !drawn && position === steps.length;
  if (drawn) says.replaceChildren(`The graph as it was drawn. Play computes its ${forward} values in order`, steps.length > forward ? `, then lets the gradient flow back in ${steps.length - forward} steps.` : data.trouble ? `. No gradient can be shown: ${data.trouble}.` : ".");
  else says.replaceChildren(...(now ? [h("span", {}, `${position}/${steps.length} `), ...saysOf(now)] : ["The start: nothing is computed yet."]));
  if (now && following) bringIntoView(now.edge ? now.edge.middle : spots[now.node.i], READABLE);
}
function go(to) {
  position = Math.max(0, Math.min(steps.length, to));
  show();
}
function move(by) { pause(); go(position === null ? (by > 0 ? by : steps.length + by) : position + by); }
function pause() {
  clearInterval(timer);
  timer = 0;
  byId("play").textContent = "▶ Play";
  byId("play").setAttribute("aria-label", "Play");
  byId("says").setAttribute("aria-live", "polite");
}
function play() {
  if (timer) return pause();
  following = true;
  if (position === null || position === steps.length) go(0);
  byId("says").setAttribute("aria-live", "off");  // a screen reader could not keep up
  byId("play").textContent = "❚❚ Pause";
  byId("play").setAttribute("aria-label", "Pause");
  timer = setInterval(() => { go(position + 1); if (position === steps.length) pause(); }, Number(byId("speed").value));
}
