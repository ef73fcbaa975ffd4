// How does the page stay fresh: read again every 15 s, and more often after an action?

import { read } from "./api.js";

const USUAL = 15_000;
const HURRY = 2_000;
const HURRIED_FOR = 180_000;
const SPARING = 10; // a slow server is asked at most a tenth of the time

/** The overview as last read; `receive(overview, changed)` gets each new one, `refuse(error)` each refusal. */
export class Source {
  constructor(receive, refuse) {
    Object.assign(this, { receive, refuse, overview: null, readAt: 0, failed: false, until: 0, took: 0 });
    document.addEventListener("visibilitychange", () => document.hidden || this.load());
  }

  /** Read the overview of a view's range now. */
  async load(view = this.view) {
    this.view = view;
    this.asking?.abort();
    const asking = new AbortController(), began = performance.now();
    this.asking = asking;
    clearTimeout(this.timer);
    try {
      const overview = await read("overview", { from: view.from, to: view.to }, asking.signal);
      this.took = performance.now() - began;
      this.accept(overview);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.failed = true;
      this.refuse(error);
    }
    if (this.asking === asking) this.plan();
  }

  /** Read often for a while: something was started. */
  hurry() {
    this.until = Date.now() + HURRIED_FOR;
    this.load();
  }

  accept(overview) {
    const changed = this.overview ? findChanges(this.overview, overview) : null;
    Object.assign(this, { overview, readAt: Date.now(), failed: false });
    this.receive(overview, changed);
  }

  plan() {
    const wait = Math.max(Date.now() < this.until ? HURRY : USUAL, this.took * SPARING);
    this.timer = setTimeout(() => (document.hidden ? this.plan() : this.load()), wait);
  }
}

/** Find the cells whose state differs; null when the range is another one. */
function findChanges(before, after) {
  if (before.from !== after.from || before.to !== after.to) return null;
  const states = new Map(listCells(before));
  const all = listCells(after).filter(([key, state]) => states.get(key) !== state);
  return new Set(all.map(([key]) => key));
}

function listCells(overview) {
  return overview.destinations.flatMap(({ id, cells }) => cells.map((cell) => [`${id}/${cell.event}/${cell.day}`, cell.state]));
}
