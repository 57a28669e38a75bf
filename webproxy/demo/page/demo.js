// The page: every card, and the button that runs them one after the other.

import { fields } from "./fields.js";
import { socket } from "./socket.js";
import { ndjson, sse } from "./streams.js";
import { download, upload } from "./transfers.js";

const cards = [sse, ndjson, socket, download, upload, fields];
const runs = [() => sse.run(), () => ndjson.run(), () => socket.once(), () => download.run(), () => upload.run(), () => fields.run()];
const button = document.getElementById("run-all");
const state = document.getElementById("run-all-state");

button.addEventListener("click", async () => {
  button.disabled = true;
  state.textContent = "Running …";
  for (const run of runs) await run();
  const done = cards.filter((card) => card.section.dataset.state === "done").length;
  state.textContent = done === cards.length ? "All of it works." : `${done} of ${cards.length} work.`;
  button.disabled = false;
});

document.addEventListener("card", () => {
  const running = cards.some((card) => card.section.dataset.state === "running");
  document.getElementById("road").classList.toggle("busy", running);
});

fields.run();
