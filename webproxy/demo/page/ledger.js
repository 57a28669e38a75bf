// What the service is working on, by its own account; asked again whenever a card changes.

import { address, expect } from "./card.js";

const NAMES = { streams: "Streams", downloads: "Downloads", bodies: "Request bodies", sockets: "WebSockets" };

/** The service's counts now. */
export async function stats() {
  return (await expect(await fetch(address("stats"), { cache: "no-store" }), 200)).json();
}

const table = document.querySelector("#ledger tbody");
for (const name of Object.values(NAMES)) {
  const row = table.insertRow();
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  row.append(head);
  for (let i = 0; i < 3; i++) row.insertCell().textContent = "–";
}

async function show() {
  const counts = await stats().catch(() => undefined);
  if (!counts) return;
  Object.keys(NAMES).forEach((kind, i) => {
    const { running, finished, left } = counts[kind];
    [running, finished, left].forEach((count, j) => { table.rows[i].cells[j + 1].textContent = count; });
    table.rows[i].classList.toggle("busy", running > 0);
  });
}

let asking;
/** Asks soon: what has just changed here takes a moment to be counted there. */
function later() {
  clearTimeout(asking);
  asking = setTimeout(show, 100);
}

document.querySelector("#ledger .address").textContent = `GET ${address("stats")}`;
document.addEventListener("card", later);
later();
