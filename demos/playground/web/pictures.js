// The canvases: the plane, the loss, the weights; and the shapes of the classes.
"use strict";
const byId = id => document.getElementById(id);
const SHAPES = [
  (pen, x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
  (pen, x, y, r) => pen.rect(x - .88 * r, y - .88 * r, 1.76 * r, 1.76 * r),
  (pen, x, y, r) => { pen.moveTo(x, y - 1.2 * r); pen.lineTo(x + 1.1 * r, y + .8 * r); pen.lineTo(x - 1.1 * r, y + .8 * r); pen.closePath(); },
  (pen, x, y, r) => { pen.moveTo(x, y - 1.3 * r); pen.lineTo(x + 1.3 * r, y); pen.lineTo(x, y + 1.3 * r); pen.lineTo(x - 1.3 * r, y); pen.closePath(); },
  (pen, x, y, r) => { pen.moveTo(x, y + 1.2 * r); pen.lineTo(x + 1.1 * r, y - .8 * r); pen.lineTo(x - 1.1 * r, y - .8 * r); pen.closePath(); },
];

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(); }
function channels(name) { const code = colour(name); return [1, 3, 5].map(k => parseInt(code.slice(k, k + 2), 16)); }
function unpacked(text) { return Uint8Array.from(atob(text), letter => letter.charCodeAt(0)); }
function shown(number) { return number === null ? "–" : Math.abs(number) >= 1e-3 && Math.abs(number) < 1e4 || number === 0 ? String(Number(number.toPrecision(3))) : number.toExponential(1); }

// A canvas as sharp as the screen: its pen, width and height in CSS pixels.
function prepared(id) {
  const canvas = byId(id), box = canvas.getBoundingClientRect(), dense = devicePixelRatio || 1;
  const wide = Math.round(box.width * dense), high = Math.round(box.height * dense);
  if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
  const pen = canvas.getContext("2d");
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  pen.clearRect(0, 0, box.width, box.height);
  pen.font = "11px system-ui, Helvetica, Arial, sans-serif";
  return [pen, box.width, box.height];
}

const small = document.createElement("canvas");
function drawPlane(run, news) {
  const [pen, wide, high] = prepared("boundary"), n = run.grid;
  const ground = channels("ground"), inks = run.classes.map((_, k) => channels(`class${k}`));
  const winner = unpacked(news.winner), sure = unpacked(news.sure), least = 1 / run.classes.length;
  small.width = small.height = n;
  const image = small.getContext("2d").createImageData(n, n);
  for (let i = 0; i < n * n; i++) {
    const share = .12 + .5 * Math.max(0, (sure[i] / 255 - least) / (1 - least));
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = ground[c] + share * (inks[winner[i]][c] - ground[c]);
    image.data[4 * i + 3] = 255;
  }
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(small, 0, 0, wide, high);
  const [left, right, bottom, top] = run.extent, radius = run.points.length > 600 ? 2.5 : Math.max(3, wide / 130);
  run.points.forEach(([x, y, c], k) => {
    const held = k < run.held_out;
    pen.beginPath();
    SHAPES[c](pen, (x - left) / (right - left) * wide, (top - y) / (top - bottom) * high, held ? radius - .5 : radius);
    pen.fillStyle = held ? colour("ground") : colour(`class${c}`);
    pen.strokeStyle = held ? colour(`class${c}`) : colour("ground");
    pen.lineWidth = held ? 1.8 : 1;
    pen.fill(); pen.stroke();
  });
  pen.textAlign = "left";
  for (const [text, x, y, align] of [[`← ${shown(left)}`, 6, high - 6, "left"], [`${run.columns[0]} → ${shown(right)}`, wide - 6, high - 6, "right"], [`${run.columns[1]} ↑ ${shown(top)}`, 6, 15, "left"], [`↓ ${shown(bottom)}`, 6, high - 21, "left"]]) {
    pen.textAlign = align;
    pen.lineWidth = 3; pen.strokeStyle = colour("ground"); pen.strokeText(text, x, y);
    pen.fillStyle = colour("ink"); pen.fillText(text, x, y);
  }
}

function drawLegend(run) {
  const canvasOf = c => { // the same shape, as SVG
    const parts = [];
    const path = { arc: (x, y, r) => parts.push(`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`), rect: (x, y, w, h) => parts.push(`M${x} ${y}h${w}v${h}h${-w}z`), moveTo: (x, y) => parts.push(`M${x} ${y}`), lineTo: (x, y) => parts.push(`L${x} ${y}`), closePath: () => parts.push("z") };
    SHAPES[c](path, 7, 7, 5);
    return parts.join("");
  };
  const items = run.classes.map((name, c) => {
    const item = document.createElement("span");
    item.innerHTML = `<svg width="14" height="14" aria-hidden="true"><path d="${canvasOf(c)}" fill="var(--class${c})"/></svg>`;
    item.append(name);
    return item;
  });
  const note = document.createElement("span");
  note.className = "quiet";
  note.textContent = `${run.points.length - run.held_out} points to learn from` + (run.held_out ? `, ${run.held_out} held out (hollow)` : "");
  byId("legend").replaceChildren(...items, note);
}

function drawLoss(run, news) {
  const [pen, wide, high] = prepared("loss"), left = 44, low = 18, top = 8;
  const finite = news.losses.filter(loss => loss !== null && loss > 0);
  const ends = [...finite, run.chance];
  let most = Math.log10(Math.max(...ends)) + .05, least = Math.log10(Math.min(...ends)) - .05;
  if (most - least < .4) { const middle = (most + least) / 2; most = middle + .2; least = middle - .2; }
  const down = loss => top + (most - Math.log10(loss)) / (most - least) * (high - top - low);
  const across = k => left + (news.losses.length < 2 ? 0 : k / (news.losses.length - 1)) * (wide - left - 8);
  pen.lineWidth = 1; pen.strokeStyle = colour("rule"); pen.fillStyle = colour("muted"); pen.textAlign = "right";
  const marks = [];
  for (let e = Math.floor(least); e <= most; e++) for (const m of most - least < 1.3 ? [1, 2, 5] : [1]) marks.push(m * 10 ** e);
  for (const mark of marks.filter(mark => Math.log10(mark) > least && Math.log10(mark) < most)) {
    pen.beginPath(); pen.moveTo(left, down(mark)); pen.lineTo(wide - 8, down(mark)); pen.stroke();
    pen.fillText(shown(mark), left - 5, down(mark) + 4);
  }
  pen.setLineDash([4, 3]); pen.strokeStyle = colour("muted");
  pen.beginPath(); pen.moveTo(left, down(run.chance)); pen.lineTo(wide - 8, down(run.chance)); pen.stroke();
  pen.setLineDash([]);
  pen.strokeStyle = colour("mark"); pen.lineWidth = 1.7; pen.lineJoin = "round";
  pen.beginPath();
  let drawing = false;
  news.losses.forEach((loss, k) => {
    if (loss === null || loss <= 0) { drawing = false; return; }
    if (drawing) pen.lineTo(across(k), down(loss)); else pen.moveTo(across(k), down(loss));
    drawing = true;
  });
  pen.stroke();
  pen.fillText(`step ${news.step}`, wide - 8, high - 4);
  const words = `chance: log ${run.classes.length}`, place = down(run.chance);
  pen.lineWidth = 3; pen.strokeStyle = colour("ground");
  const beside = place > top + 14 ? place - 4 : place + 13;
  pen.strokeText(words, wide - 10, beside); pen.fillText(words, wide - 10, beside);
}

const LINES = 2000; // of the weights, at most
function drawNetwork(run, news) {
  const [pen, wide, high] = prepared("network");
  const sizes = [2, ...news.weights.map(weight => weight.shape[0])], edge = 16;
  const x = k => edge + k / (sizes.length - 1) * (wide - 2 * edge);
  const y = (k, i) => high * (i + .5) / sizes[k];
  const lines = [];
  news.weights.forEach((weight, k) => {
    const bytes = unpacked(weight.bytes), inputs = weight.shape[1];
    bytes.forEach((byte, at) => { const w = (byte - 127) / 127; if (Math.abs(w) > .04) lines.push([Math.abs(w), w < 0, k, at % inputs, Math.floor(at / inputs)]); });
  });
  lines.sort((a, b) => a[0] - b[0]);
  const drawn = lines.slice(-LINES), ink = [colour("class0"), colour("class1")];
  for (const [size, negative, k, from, to] of drawn) {
    pen.globalAlpha = .12 + .88 * size; pen.lineWidth = .4 + 2.8 * size; pen.strokeStyle = ink[Number(negative)];
    pen.beginPath(); pen.moveTo(x(k), y(k, from)); pen.lineTo(x(k + 1), y(k + 1, to)); pen.stroke();
  }
  pen.globalAlpha = 1; pen.strokeStyle = colour("line"); pen.fillStyle = colour("ground"); pen.lineWidth = 1.3;
  sizes.forEach((size, k) => {
    for (let i = 0; i < size; i++) { pen.beginPath(); pen.arc(x(k), y(k, i), Math.max(1.5, Math.min(6, .36 * high / size)), 0, 2 * Math.PI); pen.fill(); pen.stroke(); }
  });
  const most = Math.max(...news.weights.map(weight => weight.most));
  byId("most").textContent = `positive blue, negative orange; largest ${shown(most)}` + (lines.length > LINES ? `; the ${LINES} largest of ${lines.length} are drawn` : "");
}
