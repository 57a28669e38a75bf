// The WebSocket: round trips one after the other, then the user's own messages for as long as it stays open.

import { Card, address, milliseconds } from "./card.js";
import { Bars, median } from "./ruler.js";

const TRIPS = 20;
const PAUSE = 40; // milliseconds between two round trips

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

class Socket extends Card {
  constructor() {
    super("socket");
    this.bars = new Bars(this.find(".ruler"));
    this.url = address("echo").replace(/^http/, "ws");
    this.reachedBy("GET", this.url);
    this.find(".send").addEventListener("click", () => this.say());
    this.form.elements.message.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.say();
    });
  }

  async experiment(signal) {
    this.find(".screen").textContent = "";
    const began = performance.now();
    await this.connect(signal);
    const opened = performance.now() - began;
    this.bars.begin(TRIPS);
    const trips = [];
    for (let i = 0; i < TRIPS; i++) {
      trips.push(await this.trip(`round trip ${i + 1}`.padEnd(64, ".")));
      this.bars.mark(i, trips[i]);
      this.facts({
        "Open after": milliseconds(opened), "Round trips": trips.length, "Median": milliseconds(median(trips)),
        "Fastest": milliseconds(Math.min(...trips)), "Slowest": milliseconds(Math.max(...trips)),
      });
      await pause(PAUSE);
    }
    this.verdict(true, `Every message came back, in ${milliseconds(median(trips))} as a rule.`);
    this.talk(true);
    return this.open();
  }

  connect(signal) {
    this.socket = new WebSocket(this.url);
    this.socket.onmessage = ({ data }) => this.answered?.(data);
    this.closed = new Promise((resolve) => { this.socket.onclose = resolve; });
    signal.addEventListener("abort", () => this.socket.close(1000));
    return new Promise((resolve, reject) => {
      this.socket.onopen = resolve;
      this.closed.then(({ code }) => reject(new Error(`The WebSocket was refused or lost (code ${code}).`)));
    });
  }

  /** Sends a message, waits for it to come back, and gives the milliseconds. */
  async trip(message) {
    const sent = performance.now();
    const back = new Promise((resolve) => { this.answered = resolve; });
    this.socket.send(message);
    const lost = this.closed.then(({ code }) => { throw new Error(`The WebSocket closed (code ${code}).`); });
    if ((await Promise.race([back, lost])) !== message) throw new Error("The message came back changed.");
    return performance.now() - sent;
  }

  /** Stays open until the user or somebody on the way closes it. */
  async open() {
    const since = Date.now();
    let open = true;
    const show = (trip) => {
      const age = `open for ${Math.round((Date.now() - since) / 1000)} s`;
      if (open) this.find(".state").textContent = trip === undefined ? age : `${age}, there and back in ${milliseconds(trip)}`;
    };
    const clock = setInterval(() => { this.inTurn("still there?").then(show, () => {}); }, 1000);
    show();
    this.ready?.();
    const { code, wasClean } = await this.closed;
    open = false;
    clearInterval(clock);
    this.talk(false);
    if (this.leaving.signal.aborted) return `closed (${code})`;
    throw new Error(`The WebSocket was closed from the other side, ${wasClean ? "in order" : "without a word"} (code ${code}).`);
  }

  talk(on) {
    this.form.elements.message.disabled = !on;
    this.find(".send").disabled = !on;
  }

  /** Makes a round trip after the one before has ended, however it did. */
  inTurn(message) {
    const trip = (this.said ?? Promise.resolve()).then(() => this.trip(message));
    this.said = trip.catch(() => {});
    return trip;
  }

  /** Sends the user's message. */
  say() {
    const message = this.value("message");
    const line = document.createElement("div");
    this.find(".screen").append(line);
    const tell = (end) => {
      line.textContent = `${message} … ${end}`;
      line.scrollIntoView({ block: "nearest" });
    };
    this.inTurn(message).then(milliseconds, () => "lost").then(tell);
  }

  /** Runs and closes by itself: for "Run everything". */
  async once() {
    const running = this.run();
    await Promise.race([running, new Promise((resolve) => { this.ready = resolve; })]);
    this.ready = undefined;
    this.stop();
    await running;
  }
}

export const socket = new Socket();
