// Draws a picture a second. Rows are kept and changed, never rebuilt, so that focus and a screen reader's place stay.
"use strict";

const POINTS = 60;
const KNOWN = new Set(["DEFAULT", "LONG", "DOWNLOAD", "WEBSOCKET"]);
const by = (id) => document.getElementById(id);
const rows = new Map();
const classes = new Map();
let last = null;

const bytes = (count) => {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
  return `${count < 10 && unit ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
};
const time = (seconds) => {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const [big, small, units] = seconds < 3600 ? [60, 1, ["min", "s"]] : [3600, 60, ["h", "min"]];
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${units[0]}${rest ? ` ${rest} ${units[1]}` : ""}`;
};
const style = (name) => (KNOWN.has(name) ? name : "other");
const put = (cell, text) => { if (cell.textContent !== text) cell.textContent = text; };
const add = (parent, tag, name = "") => {
  const element = parent.appendChild(document.createElement(tag));
  if (name) element.className = name;
  return element;
};

const closing = async (button, id) => {
  button.disabled = true;
  const answer = await fetch(`exchanges/${encodeURIComponent(id)}`, { method: "DELETE" });
  put(button, answer.ok ? "Closed" : "Over");
};

const putTwo = (cell, text, below) => {
  if (!cell.firstElementChild) { add(cell, "span"); add(cell, "small"); }
  put(cell.firstElementChild, text);
  put(cell.lastElementChild, below);
};

const newRow = (exchange) => {
  const row = document.createElement("tr");
  for (const name of ["class", "state", "request", "client", "age number", "sent number", "received number",
    "rate number"]) add(row, "td", name);
  const button = add(add(row, "td"), "button");
  button.type = "button";
  button.textContent = "Close";
  button.setAttribute("aria-label", `Close ${exchange.method} ${exchange.path} of ${exchange.client}`);
  button.addEventListener("click", () => closing(button, exchange.id));
  row.dataset.id = exchange.id;
  return row;
};

const drawRunning = (picture, seconds) => {
  const body = by("running").tBodies[0];
  const present = new Set();
  for (const exchange of picture.exchanges) {
    present.add(exchange.id);
    let kept = rows.get(exchange.id);
    if (!kept) {
      kept = { row: newRow(exchange), sent: exchange.sent, received: exchange.received };
      rows.set(exchange.id, kept);
      body.append(kept.row);
    }
    const moved = exchange.sent - kept.sent + exchange.received - kept.received;
    kept.sent = exchange.sent;
    kept.received = exchange.received;
    const limit = exchange.limit === null ? "no limit" : `limit ${time(exchange.limit)}`;
    const waits = exchange.state === "waiting" ? "waiting for a policy" : exchange.state;
    const [kind, state, request, client, age, sent, received, rate] = kept.row.cells;
    putTwo(kind, exchange.traffic_class, exchange.why);
    kind.className = style(exchange.traffic_class.split(">").pop());
    putTwo(state, waits, limit);
    put(request, `${exchange.method} ${exchange.path}`);
    put(client, exchange.user ? `${exchange.user} at ${exchange.client}` : exchange.client);
    put(age, time(exchange.age));
    put(sent, bytes(exchange.sent));
    put(received, bytes(exchange.received));
    put(rate, seconds ? `${bytes(moved / seconds)}/s` : "–");
  }
  for (const [id, kept] of rows) if (!present.has(id)) { kept.row.remove(); rows.delete(id); }
  put(by("count"), picture.running ? `(${picture.running})` : "");
  by("nothing").hidden = picture.running > 0;
};

const newClass = (name) => {
  const item = add(by("classes"), "li", style(name));
  const head = add(item, "p");
  put(add(head, "b"), name);
  const rate = add(head, "span", "rate");
  const graph = item.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  graph.setAttribute("viewBox", `0 0 ${POINTS - 1} 20`);
  graph.setAttribute("preserveAspectRatio", "none");
  graph.setAttribute("aria-hidden", "true");
  const [area, line] = ["polygon", "polyline"].map((shape) =>
    graph.appendChild(document.createElementNS("http://www.w3.org/2000/svg", shape)));
  return { rate, area, line, ended: add(item, "span", "ended"), sent: null, points: [] };
};

const drawClasses = (picture, seconds) => {
  for (const name of Object.keys(picture.classes)) if (!classes.has(name)) classes.set(name, newClass(name));
  for (const [name, kept] of classes) {
    // a class whose only exchange has become another's is told of no more
    const total = picture.classes[name] || { sent: kept.sent, running: 0, ended: 0 };
    const rate = kept.sent === null || !seconds ? 0 : Math.max(0, (total.sent - kept.sent) / seconds);
    kept.sent = total.sent;
    kept.points.push(rate);
    if (kept.points.length > POINTS) kept.points.shift();
    const most = Math.max(1, ...kept.points);
    const first = POINTS - kept.points.length;
    const line = kept.points.map((value, index) => `${first + index},${19 - 18 * value / most}`).join(" ");
    kept.line.setAttribute("points", line);
    kept.area.setAttribute("points", `${first},20 ${line} ${POINTS - 1},20`);
    put(kept.rate, `${bytes(rate)}/s`);
    put(kept.ended, `${total.running} running, ${total.ended} ended`);
  }
};

const drawFailures = (picture) => {
  const list = by("failures");
  const shown = list.firstElementChild ? list.firstElementChild.dataset.id : "";
  const news = picture.failures.findIndex((failure) => failure.id === shown);
  for (const failure of picture.failures.slice(0, news < 0 ? undefined : news).reverse()) {
    const item = document.createElement("li");
    item.dataset.id = failure.id;
    const when = add(item, "time");
    when.dateTime = new Date(failure.time * 1000).toISOString();
    when.textContent = new Date(failure.time * 1000).toLocaleTimeString();
    add(item, "code").textContent = ` ${failure.status} ${failure.method} ${failure.path} `;
    add(item, "span").textContent = `${failure.reason} (${failure.client}, ${failure.traffic_class}, id ${failure.id})`;
    list.prepend(item);
  }
  while (list.children.length > picture.failures.length) list.lastElementChild.remove();
  by("no-failures").hidden = picture.failures.length > 0;
};

const draw = (picture) => {
  const seconds = last ? picture.time - last.time : 0;
  put(by("internal"), picture.internal);
  const open = picture.public && picture.public.state === "held";
  put(by("port"), open ? `${picture.port} → ${picture.public.url}` : String(picture.port));
  document.title = `webproxy live: ${picture.port}`;
  delete by("state").dataset.away;
  const up = picture.up ? "The internal service is up." : "The internal service does not take connections.";
  put(by("state"), `${up} ${picture.connections} ${picture.connections === 1 ? "client is" : "clients are"} connected.`);
  drawClasses(picture, seconds);
  drawRunning(picture, seconds);
  drawFailures(picture);
  last = picture;
};

const away = (text) => {
  by("state").dataset.away = "";
  put(by("state"), text);
};

const pictures = new EventSource("now");
pictures.addEventListener("picture", (event) => draw(JSON.parse(event.data)));
pictures.addEventListener("away", (event) => away(JSON.parse(event.data).reason));
pictures.addEventListener("error", () => away("webproxy live has ended, or is out of reach."));
