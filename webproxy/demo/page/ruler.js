// Two rulers: ticks in time for what arrives in pieces, bars for a rate or a round trip along the way.

const WIDTH = 1000;
const HEIGHT = 40;

const sorted = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => (values.length ? sorted(values)[Math.floor(values.length / 2)] : 0);

/** One tick for each piece when it came, over faint ones for when it would have come unhindered. */
export class Ticks {
  constructor(svg) {
    this.came = svg.querySelector(".came");
    this.due = svg.querySelector(".due");
  }

  /** @param interval milliseconds between two pieces, as they are sent */
  begin(interval) {
    this.interval = interval;
    this.began = performance.now();
    this.times = [];
    this.draw();
  }

  mark() {
    this.times.push(performance.now() - this.began);
    this.drawing ??= requestAnimationFrame(() => { this.drawing = undefined; this.draw(); });
  }

  get gaps() { return this.times.slice(1).map((time, i) => time - this.times[i]); }

  /** Milliseconds from the first piece to the last. */
  get spread() { return this.times.length ? this.times.at(-1) - this.times[0] : 0; }

  /** Milliseconds by which the latest piece was later, against its turn, than the most punctual one. */
  get lateness() {
    if (!this.times.length) return 0;
    const late = this.times.map((time, i) => time - i * this.interval);
    return late.reduce((a, b) => Math.max(a, b)) - late.reduce((a, b) => Math.min(a, b));
  }

  draw() {
    const first = this.times[0] ?? 0;
    const turns = this.times.length;
    const end = Math.max(this.spread, turns * this.interval, 20 * this.interval);
    const x = (time) => (5 + (time / end) * (WIDTH - 10)).toFixed(1);
    this.came.setAttribute("d", this.times.map((time) => `M${x(time - first)} 8V32`).join(""));
    this.due.setAttribute("d", this.times.map((_, i) => `M${x(i * this.interval)} 2V38`).join(""));
  }
}

/** A bar for each part of the way; the highest fills the height. */
export class Bars {
  constructor(svg) {
    this.path = svg.querySelector(".came");
    this.begin(20);
  }

  begin(parts) {
    this.values = new Array(parts).fill(0);
    this.draw();
  }

  /** @param value the height, in any unit; several for one part count as their largest */
  mark(part, value) {
    this.values[part] = Math.max(this.values[part], value);
    this.drawing ??= requestAnimationFrame(() => { this.drawing = undefined; this.draw(); });
  }

  draw() {
    const highest = Math.max(...this.values) || 1;
    const step = WIDTH / this.values.length;
    this.path.setAttribute("d", this.values.map((value, i) =>
      value ? `M${(i + 0.5) * step} ${HEIGHT}V${HEIGHT - Math.max(2, (value / highest) * (HEIGHT - 4))}` : "").join(""));
    this.path.style.strokeWidth = `${Math.max(1, 0.7 * step * this.path.ownerSVGElement.clientWidth / WIDTH)}px`;
  }
}
