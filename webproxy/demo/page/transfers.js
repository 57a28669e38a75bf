// The download that can be paused and resumed, and the upload that is measured on both sides.

import { Card, address, bytes, expect, milliseconds, refusal, seconds } from "./card.js";
import { Bars } from "./ruler.js";
import { Sha256 } from "./sha256.js";

const PARTS = 64; // bars on the ruler
const SLICE = 1 << 20;

class Transfer extends Card {
  constructor(id) {
    super(id);
    this.bars = new Bars(this.find(".ruler"));
    this.progress = this.find("progress");
  }

  begin(total) {
    this.total = total;
    this.at = 0;
    this.bars.begin(PARTS);
    this.began = this.last = performance.now();
    this.longest = 0;
  }

  /** So many bytes have come or gone; the bar of their place shows the rate. */
  reach(at) {
    const now = performance.now();
    const rate = (at - this.at) / Math.max(0.1, now - this.last);
    this.longest = Math.max(this.longest, now - this.last);
    const part = (place) => Math.min(PARTS - 1, Math.floor((place / this.total) * PARTS));
    for (let i = part(this.at); i <= part(at); i++) this.bars.mark(i, rate);
    [this.at, this.last] = [at, now];
    this.progress.value = this.total ? at / this.total : 1;
  }
}

class Download extends Transfer {
  constructor() {
    super("download");
    this.pauseButton = this.find(".pause");
    this.pauseButton.addEventListener("click", () => this.toggle());
    this.form.addEventListener("change", () => this.show());
    this.show();
  }

  show() {
    const url = this.url(this.value("size"));
    this.reachedBy("GET", url, `wget -c '${url}'\naria2c -x8 '${url}'`);
  }

  /** Where a file of this size is; the rate may change between two parts of it. */
  url(size) { return address("download", { size, rate: this.value("rate") }); }

  toggle() {
    if (this.resume) {
      this.resume();
      this.resume = undefined;
    } else this.pausing.abort();
  }

  async experiment(signal) {
    this.begin(Number(this.value("size")));
    this.etag = undefined;
    this.resumed = 0;
    const sha256 = new Sha256();
    while (this.at < this.total) {
      this.pausing = new AbortController();
      this.pauseButton.disabled = false;
      try {
        await this.part(sha256, AbortSignal.any([signal, this.pausing.signal]));
      } catch (error) {
        if (signal.aborted || !this.pausing.signal.aborted) throw error;
        await this.paused(signal);
      }
    }
    return this.compare(sha256.hex(), signal);
  }

  /** Reads from where the last part ended to the end, or until it is paused. */
  async part(sha256, signal) {
    const headers = this.at ? { range: `bytes=${this.at}-`, "if-range": this.etag } : {};
    const response = await expect(await fetch(this.url(this.total), { headers, signal, cache: "no-store" }), this.at ? 206 : 200);
    this.etag = response.headers.get("etag");
    if (this.at) this.answer = `206, ${response.headers.get("content-range")}`;
    else this.answer = `200, ${bytes(Number(response.headers.get("content-length")))}`;
    this.last = performance.now();
    for (const reader = response.body.getReader(); ;) {
      const { value, done } = await reader.read();
      if (done) break;
      sha256.update(value);
      this.reach(this.at + value.length);
      this.report();
    }
    if (this.at < this.total) throw new Error(`The answer ended after ${bytes(this.at)} of ${bytes(this.total)}.`);
  }

  async paused(signal) {
    this.pauseButton.textContent = "Resume";
    this.find(".state").textContent = `paused at ${bytes(this.at)}`;
    await new Promise((resolve) => {
      this.resume = resolve;
      signal.addEventListener("abort", resolve);
    });
    this.pauseButton.textContent = "Pause";
    signal.throwIfAborted();
    this.resumed += 1;
    this.find(".state").textContent = "running";
  }

  report(more = {}) {
    const rate = this.at / Math.max(1, performance.now() - this.began) * 1000;
    this.facts({
      "Answer": this.answer, "Bytes": `${bytes(this.at)} of ${bytes(this.total)}`, "Resumed": `${this.resumed} ×`,
      "Rate, pauses included": `${bytes(rate)}/s`, "Longest wait": milliseconds(this.longest), ...more,
    });
  }

  async compare(ours, signal) {
    this.pauseButton.disabled = true;
    const url = address("download/sha256", { size: this.total });
    const { sha256 } = await (await expect(await fetch(url, { signal }), 200)).json();
    this.report({ "SHA-256": ours });
    if (ours !== sha256) throw new Error(`The file is damaged: its digest should be ${sha256}.`);
    this.verdict(true, this.resumed ? "Resumed and put together, every byte is right." : "Every byte is right.");
    return `done in ${seconds(performance.now() - this.began)}`;
  }

  async left() {
    this.pauseButton.disabled = true;
    return `stopped at ${bytes(this.at)}`;
  }
}

class Upload extends Transfer {
  constructor() {
    super("upload");
    const url = address("upload");
    this.reachedBy("POST", url, `curl -T some.file ${url}`);
  }

  /** The user's file, or random bytes: one MiB of them, as often as needed. */
  body() {
    const [file] = this.form.elements.file.files;
    if (file) return file;
    const noise = new Uint8Array(SLICE);
    for (let i = 0; i < SLICE; i += 65536) crypto.getRandomValues(noise.subarray(i, i + 65536));
    return new Blob(new Array(Number(this.value("size")) / SLICE).fill(noise));
  }

  async experiment(signal) {
    const body = this.body();
    this.begin(body.size);
    const told = await this.send(body, signal);
    const took = performance.now() - this.began;
    this.facts({
      "Bytes": bytes(told.bytes), "Rate": `${bytes(told.bytes / took * 1000)}/s`,
      "Sent and answered in": seconds(took), "Came in over": seconds(1000 * told.seconds),
      "Longest wait": milliseconds(1000 * told.longest_gap), "SHA-256": told.sha256,
    });
    this.find(".state").textContent = "checking";
    if (told.sha256 !== await digest(body, signal)) throw new Error("Other bytes arrived than were sent.");
    this.verdict(true, "Every byte arrived.");
    return `done in ${seconds(took)}`;
  }

  /** XMLHttpRequest, because fetch tells nothing of an upload's progress. */
  send(body, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.upload.onprogress = ({ loaded }) => {
        this.reach(loaded);
        this.facts({ "Bytes": `${bytes(loaded)} of ${bytes(this.total)}` });
      };
      request.onload = () => (request.status === 200 ? resolve(JSON.parse(request.responseText))
        : reject(refusal(request, request.responseText)));
      request.onerror = () => reject(new Error("The connection ended before the service had answered."));
      request.onabort = () => reject(new Error("stopped"));
      signal.addEventListener("abort", () => request.abort());
      request.open("POST", address("upload"));
      request.setRequestHeader("content-type", "application/octet-stream");
      request.send(body);
    });
  }

  async left() { return `stopped at ${bytes(this.at)}`; }
}

/** The digest of a blob, slice by slice. */
async function digest(blob, signal) {
  const sha256 = new Sha256();
  for (let at = 0; at < blob.size; at += SLICE) {
    sha256.update(new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer()));
    signal.throwIfAborted();
  }
  return sha256.hex();
}

export const download = new Download();
export const upload = new Upload();
