// Two rulers: ticks in time for what arrives in pieces, bars for a rate or a round trip along the way.

const WIDTH = 1000;
const HEIGHT = 40;

const sorted = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => (values.length ? sorted(values)[Math.floor(values.length / 2)] : 0);

/** One tick for each piece when it came, above the teeth of a ruler that show when it was due. */
export class Ticks {
  constructor(svg) {
    this.came = svg.querySelector(".came");
    this.due = svg.querySelector(".due");
    this.begin(1);
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
    const end = Math.max(this.spread, this.times.length * this.interval, 40 * this.interval);
    const x = (time) => (2 + (time / end) * (WIDTH - 4)).toFixed(1);
    const due = Array.from({ length: Math.floor(end / this.interval) + 1 }, (_, i) => i * this.interval);
    this.came.setAttribute("d", this.times.map((time) => `M${x(time - first)} 2V29`).join(""));
    this.due.setAttribute("d", due.map((time) => `M${x(time)} 33V40`).join(""));
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
    const bar = (value, i) => {
      const height = Math.max(2, (value / highest) * (HEIGHT - 4));
      return `M${(i + 0.15) * step} ${HEIGHT}v${-height}h${0.7 * step}v${height}z`;
    };
    this.path.setAttribute("d", this.values.map((value, i) => (value ? bar(value, i) : "")).join(""));
  }
}
