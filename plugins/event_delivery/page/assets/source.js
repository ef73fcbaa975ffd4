// @ts-check
// How does the page stay fresh: read again every 15 s, and more often after an action?

/** @import { Incidents, ServedOverview } from "./answers.js" */
/** @import { View } from "./view.js" */

import { isAbort, read, readIncidents, sayError } from "./api.js";
import { findChanges } from "./changes.js";

const USUAL = 15_000;
const HURRY = 2_000;
const HURRIED_FOR = 180_000;
const SPARING = 10; // a slow server is asked at most a tenth of the time

/** The overview as last read; `receive` gets each new one and what changed, `refuse` why there is none. */
export class Source {
  /**
   * @param {View} view
   * @param {(overview: ServedOverview, changed: Set<string> | null) => void} receive
   * @param {(reason: string) => void} refuse
   */
  constructor(view, receive, refuse) {
    this.view = view;
    this.receive = receive;
    this.refuse = refuse;
    /** @type {ServedOverview | null} */
    this.overview = null;
    /** @type {Incidents | string | null} the open ones; a string: why they could not be read */
    this.incidents = null;
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.readAt = 0;
    this.failed = false;
    this.until = 0;
    this.took = 0;
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
      const { from, to } = view;
      const [overview, incidents] = await Promise.all([read("overview", { from, to }, asking.signal), readIncidents({}, asking.signal)]);
      this.took = performance.now() - began;
      this.incidents = incidents;
      this.accept(overview);
    } catch (error) {
      if (isAbort(error)) return;
      this.failed = true;
      this.refuse(sayError(error));
    }
    if (this.asking === asking) this.plan();
  }

  /** Read often for a while: something was started. */
  hurry() {
    this.until = Date.now() + HURRIED_FOR;
    this.load();
  }

  /** @param {ServedOverview} overview */
  accept(overview) {
    const changed = this.overview ? findChanges(this.overview, overview) : null;
    Object.assign(this, { overview, readAt: Date.now(), failed: false });
    this.receive(overview, changed);
  }

  plan() {
    const wait = Math.max(Date.now() < this.until ? HURRY : USUAL, this.took * SPARING);
    this.timer = window.setTimeout(() => (document.hidden ? this.plan() : this.load()), wait);
  }
}
