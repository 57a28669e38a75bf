// Draws a picture a second. Rows are kept and changed, never rebuilt, so that focus and a screen reader's place stay.
"use strict";

const by = (id) => document.getElementById(id);
const rows = new Map();
const certificates = new Map();
const refusals = new Map();
const STATES = {
  pending: "no certificate yet",
  active: "good",
  renewing: "good, the next one is being got",
  expiring: "good, and the next one could not be got so far",
  failed: "no certificate that is good",
};

const bytes = (count) => {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
  return `${count < 10 && unit ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
};
const moment = (seconds) => new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
const put = (cell, text) => { if (cell.textContent !== text) cell.textContent = text; };
const add = (parent, tag, name = "") => {
  const element = parent.appendChild(document.createElement(tag));
  if (name) element.className = name;
  return element;
};
const several = (count, one, more) => `${count} ${count === 1 ? one : more}`;

const newPadlock = (parent) => {
  const padlock = add(parent, "span", "padlock");
  const picture = padlock.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("focusable", "false");
  const use = picture.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  return { padlock, use, word: add(padlock, "span") };
};
const drawPadlock = (kept, state) => {
  kept.padlock.className = `padlock ${state in STATES ? state : "pending"}`;
  kept.padlock.title = STATES[state] ?? "";
  kept.use.setAttribute("href", state === "pending" || state === "failed" ? "#open" : "#closed");
  put(kept.word, state);
};

const renew = async (button, name) => {
  button.disabled = true;
  const answer = await fetch("renew", { method: "POST", body: JSON.stringify({ name }) });
  put(button, answer.ok ? "Asked for" : "Refused");
  setTimeout(() => { button.disabled = false; put(button, "Renew now"); }, 5000);
};

const newCertificate = (certificate) => {
  const item = add(by("certificates"), "li");
  const button = add(item, "button");
  button.type = "button";
  button.textContent = "Renew now";
  button.setAttribute("aria-label", `Renew the certificate of ${certificate.names.join(", ")} now`);
  button.addEventListener("click", () => renew(button, certificate.names[0]));
  const names = add(item, "b");
  names.textContent = certificate.names.join(", ");
  return { item, padlock: newPadlock(item), until: add(item, "span", "until"), why: add(item, "span", "why") };
};

const drawCertificates = (picture) => {
  const present = new Set();
  for (const certificate of picture.certificates) {
    const key = certificate.names.join(" ");
    present.add(key);
    if (!certificates.has(key)) certificates.set(key, newCertificate(certificate));
    const kept = certificates.get(key);
    drawPadlock(kept.padlock, certificate.state);
    const words = [];
    if (certificate.not_after !== null) words.push(`good until ${moment(certificate.not_after)}`);
    if (certificate.next_try !== null) words.push(`next attempt ${moment(certificate.next_try)}`);
    put(kept.until, words.join(", "));
    put(kept.why, certificate.why);
  }
  for (const [key, kept] of certificates) if (!present.has(key)) { kept.item.remove(); certificates.delete(key); }
};

const newRow = (name) => {
  const row = document.createElement("tr");
  const cells = {};
  for (const kind of ["padlock", "way", "lease", "machine", "connections number", "received number", "sent number"]) {
    cells[kind.split(" ")[0]] = add(row, "td", kind);
  }
  cells.padlock.className = "";
  const before = add(cells.way, "span");
  const link = add(cells.way, "a");
  link.rel = "noreferrer noopener";
  link.target = "_blank";
  link.href = name.url;
  link.textContent = name.url;
  return { row, cells, padlock: newPadlock(cells.padlock), before, why: add(cells.way, "small") };
};

const lease = (name) => {
  if (name.lease === "blocked") return `blocked: ${name.blocked}`;
  return name.lease === "live" ? "live" : `away since ${moment(name.until)}`;
};

const drawNames = (picture) => {
  const body = by("names").tBodies[0];
  const present = new Set();
  for (const name of picture.names) {
    present.add(name.name);
    if (!rows.has(name.name)) {
      rows.set(name.name, newRow(name));
      body.append(rows.get(name.name).row);
    }
    const kept = rows.get(name.name);
    drawPadlock(kept.padlock, name.padlock.state);
    put(kept.before, `${name.internal ? `${name.internal} → ` : ""}${name.port} → `);
    put(kept.why, name.padlock.why);
    put(kept.cells.lease, lease(name));
    put(kept.cells.machine, `${name.machine} of ${name.tenant}`);
    put(kept.cells.connections, String(name.connections));
    put(kept.cells.received, bytes(name.received));
    put(kept.cells.sent, bytes(name.sent));
  }
  for (const [key, kept] of rows) if (!present.has(key)) { kept.row.remove(); rows.delete(key); }
  put(by("count"), picture.total.names ? `(${picture.total.names})` : "");
  by("nothing").hidden = picture.total.names > 0;
  const rest = picture.total.names - picture.names.length;
  by("more").hidden = rest <= 0;
  put(by("more"), `${several(rest, "more name", "more names")}: webproxy-router names list shows all of them.`);
};

const drawRefused = (picture) => {
  const list = by("refused");
  for (const [why, count] of Object.entries(picture.refused)) {
    if (!refusals.has(why)) {
      add(list, "dt").textContent = why;
      refusals.set(why, add(list, "dd"));
    }
    put(refusals.get(why), String(count));
  }
  by("none-refused").hidden = refusals.size > 0;
};

const draw = (picture) => {
  put(by("domain"), picture.domain);
  document.title = `webproxy-router: ${picture.domain}`;
  const trouble = picture.certificates.filter((one) => one.alarm).length;
  const waiting = picture.certificates.filter((one) => one.state === "pending").length;
  const words = [`${several(picture.total.live, "machine is", "machines are")} there.`];
  if (trouble) words.unshift(`${several(trouble, "certificate needs", "certificates need")} you.`);
  else if (waiting) words.unshift(`${several(waiting, "certificate is", "certificates are")} awaited.`);
  else words.unshift("All padlocks are closed.");
  const state = by("state");
  if (trouble) state.dataset.alarm = ""; else delete state.dataset.alarm;
  put(state, words.join(" "));
  drawCertificates(picture);
  drawNames(picture);
  drawRefused(picture);
};

const away = (text) => {
  by("state").dataset.alarm = "";
  put(by("state"), text);
};

const pictures = new EventSource("now");
pictures.addEventListener("picture", (event) => draw(JSON.parse(event.data)));
pictures.addEventListener("away", (event) => away(JSON.parse(event.data).reason));
pictures.addEventListener("error", () => away("webproxy-router live has ended, or is out of reach."));
