// An overview as the server answers it, with as little in it as a test needs.

export const LIMITS = { attempts: 11, late_seconds: 3600, days: 366, usual_days: 30 };

/** Return an overview of two days. */
export function makeOverview(...destinations) {
  const days = ["2026-03-08", "2026-03-09"];
  return { from: days[0], to: days[1], days, now: "2026-03-10T12:00:00Z", limits: LIMITS, destinations };
}

/** Return a destination whose cells are given as [day, state, more]. */
export function makeDestination(id, cells = [], more = {}) {
  return {
    id, client: id, events: ["courseCompletion"], timezone: "America/New_York", enabled: true, quarantined: null,
    notice: null, start_date: null, last_over: "2026-03-09", last_due: "2026-03-09", paused: false, test_file: { state: "none", at: null, error: null }, ...more,
    cells: cells.map(([day, state, facts]) => ({ day, event: "courseCompletion", state, ...facts })),
  };
}

/** Return a view that narrows nothing, but for what is given. */
export function makeView(part = {}) {
  return { q: "", state: "", client: "", scope: "", sort: "", ...part };
}
