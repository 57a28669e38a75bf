// The two token streams: the same experiment in OpenAI's and in Ollama's shape.

import { Card, address, expect, milliseconds, seconds } from "./card.js";
import { stats } from "./ledger.js";
import { Ticks, median, spread } from "./ruler.js";

const TOLERATED = 250; // milliseconds of lateness that a busy browser and a real network may cost
const PATIENCE = 2000; // milliseconds in which the news that the user has left should arrive

/** The parts of a response that `end` ends, each as soon as it has arrived. */
async function* parts(response, end) {
  const decoder = new TextDecoder();
  let rest = "";
  for (const reader = response.body.getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const complete = (rest + decoder.decode(value, { stream: true })).split(end);
    rest = complete.pop();
    yield* complete;
  }
}

class Stream extends Card {
  constructor(id, shape) {
    super(id);
    this.shape = shape;
    this.ticks = new Ticks(this.find(".ruler"));
    this.reachedBy("POST", address(shape.path), this.shell());
  }

  shell() {
    const asked = JSON.stringify(this.shape.ask("Hello"));
    return `curl -N ${address(this.shape.path)} \\\n  -d '${asked}'`;
  }

  async experiment(signal) {
    const interval = Number(this.value("interval"));
    const screen = this.find(".screen");
    screen.textContent = "";
    this.before = undefined;
    this.before = (await stats()).streams;
    const began = performance.now();
    const response = await expect(await fetch(address(this.shape.path, { interval }), {
      method: "POST", signal, headers: { "content-type": "application/json" },
      body: JSON.stringify(this.shape.ask(this.value("question"))),
    }), 200);
    this.ticks.begin(1000 * interval);
    let complete = false;
    for await (const part of parts(response, this.shape.end)) {
      const piece = this.shape.read(part);
      if (!piece) continue;
      this.ticks.mark(piece.sent);
      complete ||= piece.last;
      screen.append(piece.text ?? "");
      if (this.ticks.times.length === 1) this.first = performance.now() - began;
      this.report();
      screen.scrollTop = screen.scrollHeight;
    }
    if (!complete) throw new Error("The stream ended before the service had said that it was complete.");
    this.judge();
    return `done in ${seconds(performance.now() - began)}`;
  }

  report() {
    const { times, sent, gaps, lateness } = this.ticks;
    this.facts({
      "First piece after": milliseconds(this.first),
      "Pieces": times.length,
      "Gap, median": milliseconds(median(gaps)),
      "Gap, longest": milliseconds(Math.max(0, ...gaps)),
      "Latest piece": `${milliseconds(lateness)} late`,
      "Sent over": seconds(spread(sent)),
      "Arrived over": seconds(spread(times)),
    });
  }

  judge() {
    const { times, sent, lateness } = this.ticks;
    if (lateness < TOLERATED && spread(times) > 0.9 * spread(sent)) this.verdict(true, "Nothing on the way held the words back.");
    else this.verdict(false, `Something on the way held words back, some of them for ${milliseconds(lateness)}.`);
    this.find(".ruler").setAttribute("aria-label",
      `${times.length} pieces, sent over ${seconds(spread(sent))}, the latest ${milliseconds(lateness)} late`);
  }

  /** Watches how long the service goes on talking to nobody. */
  async left() {
    const { before } = this;
    if (!before) return "stopped";
    const since = performance.now();
    const passed = () => performance.now() - since;
    let { streams } = await stats();
    while (streams.left === before.left && streams.running > before.running && passed() < PATIENCE) ({ streams } = await stats());
    if (streams.left > before.left) this.verdict(true, `The service stopped generating within ${milliseconds(passed())}.`);
    else if (streams.running > before.running) this.verdict(false, "The service still talks to nobody: something on the way keeps the stream.");
    return "stopped";
  }
}

export const sse = new Stream("sse", {
  path: "v1/chat/completions",
  end: "\n\n",
  ask: (content) => ({ model: "webproxy-demo", stream: true, messages: [{ role: "user", content }] }),
  read(event) {
    const data = event.replace(/^data: /, "");
    if (data === "[DONE]") return undefined;
    const { choices: [{ delta, finish_reason: reason }], timings } = JSON.parse(data);
    return { text: delta.content, sent: timings.predicted_ms, last: reason !== null };
  },
});

export const ndjson = new Stream("ndjson", {
  path: "api/chat",
  end: "\n",
  ask: (content) => ({ model: "webproxy-demo", messages: [{ role: "user", content }] }),
  read(line) {
    const { message, created_at: sent, done: last } = JSON.parse(line);
    return { text: message.content, sent: Date.parse(sent), last };
  },
});
