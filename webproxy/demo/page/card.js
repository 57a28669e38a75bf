// A card of the page: its state, its facts, its address, and how a failure reads.
// Every address is made from where the page itself was reached, without the credentials that a URL may hold.

const here = new URL(".", location.origin + location.pathname);

/** The address of something beside this page, with the query's values that are not empty. */
export function address(path, query = {}) {
  const url = new URL(path, here);
  for (const [name, value] of Object.entries(query)) if (value !== "") url.searchParams.set(name, value);
  return url.href;
}

export const milliseconds = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toString()) + " ms";
export const seconds = (value) => (value / 1000).toFixed(2) + " s";

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return (unit && value < 100 ? value.toFixed(1) : Math.round(value)) + " " + units[unit];
}

/** An answer that is not what was asked for: its status, and the words that a proxy or the service put with it. */
export function refusal({ status, statusText }, body) {
  const words = body.replace(/<(style|script|title)[^]*?<\/\1>|<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  return new Error(`${status} ${statusText}: ${words.slice(0, 200)}`);
}

export async function expect(response, status) {
  if (response.status === status) return response;
  throw refusal(response, await response.text());
}

export class Card {
  constructor(id) {
    this.section = document.getElementById(id);
    this.form = this.find("form");
    this.startButton = this.find("[type=submit]");
    this.stopButton = this.find(".stop");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.run(); });
    this.stopButton?.addEventListener("click", () => this.stop());
  }

  find(selector) { return this.section.querySelector(selector); }

  /** The value of the form's input of this name. */
  value(name) { return this.form.elements[name].value; }

  /** idle, running, done or failed; the text says more. */
  state(name, text = name) {
    this.section.dataset.state = name;
    this.find(".state").textContent = text;
    this.startButton.disabled = name === "running";
    if (this.stopButton) this.stopButton.disabled = name !== "running";
    document.dispatchEvent(new CustomEvent("card", { detail: this }));
  }

  verdict(good, text) {
    const verdict = this.find(".verdict");
    verdict.dataset.good = good;
    verdict.textContent = text;
  }

  facts(pairs) {
    this.find(".facts").replaceChildren(...Object.entries(pairs).flatMap(([name, value]) => {
      const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      detail.textContent = value;
      return [term, detail];
    }));
  }

  reachedBy(method, url, shell) {
    this.find(".address").textContent = `${method} ${url}`;
    if (shell) this.find("pre").textContent = shell;
  }

  /** Runs the experiment; never raises, a failure is a state of the card. */
  async run() {
    if (this.section.dataset.state === "running") return;
    this.leaving = new AbortController();
    this.verdict("", "");
    this.facts({});
    this.state("running");
    try {
      this.state("done", await this.experiment(this.leaving.signal));
    } catch (error) {
      if (this.leaving.signal.aborted) this.state("idle", await this.left().catch(() => "stopped"));
      else this.fail(error);
    }
  }

  fail(error) {
    const lost = error instanceof TypeError && /fetch|network|load failed|stream/i.test(error.message);
    this.verdict(false, lost ? "The connection ended before the answer was complete." : error.message);
    this.state("failed");
  }

  stop() { this.leaving?.abort(); }

  /** What to say after the user has stopped it. */
  async left() { return "stopped"; }
}
