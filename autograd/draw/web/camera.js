// Zoom and pan: wheel, buttons and keys; one finger or the mouse moves, two fingers zoom.
const stage = byId("stage"), svg = byId("graph"), world = byId("world");
const camera = { x: 0, y: 0, k: 1 };
const READABLE = 0.8;
let following = true;  // whether the camera goes where the step is; not once the reader has moved it

function look() { world.setAttribute("transform", `translate(${camera.x} ${camera.y}) scale(${camera.k})`); }
function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const k = Math.min(4, Math.max(0.03, camera.k * factor)), ratio = k / camera.k;
  Object.assign(camera, { k, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio });
  look();
}
function extent() {
  const box = world.getBBox();
  return [box.x, box.y, box.width, box.height];
}
function fit(smallest = 0) {
  const [x, y, wide, high] = extent(), margin = 18;
  const whole = Math.min((stage.clientWidth - 2 * margin) / wide, (stage.clientHeight - 2 * margin) / high);
  const k = Math.max(Math.min(1.4, whole), smallest);
  const end = k > whole;  // not all fits: look at the outputs
  const output = spots[nodes.findLastIndex(node => node.kind === "output")] || [x + wide, y + high / 2, 0, 0];
  camera.k = k;
  camera.x = end && wide * k > stage.clientWidth ? stage.clientWidth - margin - (data.across ? (x + wide) * k : output[0] * k + stage.clientWidth / 2 - margin) : stage.clientWidth / 2 - (x + wide / 2) * k;
  camera.y = end && high * k > stage.clientHeight ? (data.across ? stage.clientHeight / 2 - output[1] * k : stage.clientHeight - margin - (y + high) * k) : stage.clientHeight / 2 - (y + high / 2) * k;
  look();
}
function bringIntoView([x, y], smallest = 0) {
  if (camera.k < smallest) zoom(smallest / camera.k);
  const sx = x * camera.k + camera.x, sy = y * camera.k + camera.y, margin = Math.min(90, stage.clientWidth / 5);
  if (sx > margin && sy > margin && sx < stage.clientWidth - margin && sy < stage.clientHeight - margin) return;
  camera.x = stage.clientWidth / 2 - x * camera.k;
  camera.y = stage.clientHeight / 2 - y * camera.k;
  look();
}

svg.addEventListener("wheel", event => {
  event.preventDefault();
  following = false;
  const at = svg.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - at.left, event.clientY - at.top);
}, { passive: false });

const fingers = new Map();
let travelled = 0;
svg.addEventListener("pointerdown", event => {
  if (!fingers.size) travelled = 0;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
});
svg.addEventListener("pointermove", event => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY], others = [...fingers].filter(([id]) => id !== event.pointerId);
  travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
  if (travelled > 4 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
  if (others.length) {
    const [ox, oy] = others[0][1], at = svg.getBoundingClientRect();
    const ratio = Math.hypot(now[0] - ox, now[1] - oy) / Math.max(1, Math.hypot(before[0] - ox, before[1] - oy));
    zoom(ratio, (now[0] + ox) / 2 - at.left, (now[1] + oy) / 2 - at.top);
  }
  const share = others.length ? 2 : 1;
  camera.x += (now[0] - before[0]) / share;
  camera.y += (now[1] - before[1]) / share;
  fingers.set(event.pointerId, now);
  svg.classList.add("dragged");
  if (travelled > 4) following = false;
  look();
});
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, event => {
  fingers.delete(event.pointerId);
  if (!fingers.size) svg.classList.remove("dragged");
});
