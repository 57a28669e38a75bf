// Two rulers: ticks in time for what arrives in pieces, bars for a rate or a round trip along the way.

const WIDTH = 1000;
const HEIGHT = 40;

const sorted = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => (values.length ? sorted(values)[Math.floor(values.length / 2)] : 0);

/** One tick for each piece when it came, above the teeth of a ruler that show when it was sent. */
export class Ticks {
  constructor(svg) {
    this.came = svg.querySelector(".came");
    this.due = svg.querySelector(".due");
    this.begin(1);
  }

  /** @param interval milliseconds between two pieces, as they should be sent */
  begin(interval) {
    this.interval = interval;
    this.sent = [];
    this.times = [];
    this.draw();
  }

  /** @param sent when the service sent it, in milliseconds of its own clock */
  mark(sent) {
    this.sent.push(sent);
    this.times.push(performance.now());
    this.drawing ??= requestAnimationFrame(() => { this.drawing = undefined; this.draw(); });
  }

  get gaps() { return this.times.slice(1).map((time, i) => time - this.times[i]); }

  /** Milliseconds by which the latest piece was longer on the way than the fastest one. */
  get lateness() {
    const late = this.times.map((time, i) => time - this.sent[i]);
    return late.reduce((a, b) => Math.max(a, b), late[0]) - late.reduce((a, b) => Math.min(a, b), late[0]);
  }

  draw() {
    const due = this.sent.map((time) => time - this.sent[0]);
    const came = this.times.map((time) => time - this.times[0]);
    const end = Math.max(came.at(-1) ?? 0, due.at(-1) ?? 0, 40 * this.interval);
    while ((due.at(-1) ?? -this.interval) + this.interval <= end) due.push((due.at(-1) ?? -this.interval) + this.interval);
    const x = (time) => (2 + (time / end) * (WIDTH - 4)).toFixed(1);
    this.came.setAttribute("d", came.map((time) => `M${x(time)} 2V29`).join(""));
    this.due.setAttribute("d", due.map((time) => `M${x(time)} 33V40`).join(""));
  }
}

/** Milliseconds from the first of some moments to the last. */
export const spread = (moments) => (moments.length ? moments.at(-1) - moments[0] : 0);

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
