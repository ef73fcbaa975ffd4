// Which view does the address name, so that a link or a reload shows it again?

import { askAirflow, tellAirflow } from "./airflow.js";

const NAMES = ["from", "to", "q", "state", "client", "scope", "sort", "destination", "event", "day", "kind", "start"];
const OPEN = ["destination", "event", "day", "kind", "start"];

/** Read the view from the address bar. */
export function readAddress() {
  const query = new URLSearchParams(location.search || askAirflow());
  const view = Object.fromEntries(NAMES.map((name) => [name, query.get(name) || ""]));
  view.destination = view.destination.replace(/^(nightly_sftp_events|sftp_test_file)__/, "");
  return view;
}

/** Write the view into the address bar; `step` makes an entry that the Back button returns from. */
export function writeAddress(view, step = false) {
  const query = new URLSearchParams();
  for (const name of NAMES) if (view[name]) query.set(name, view[name]);
  const search = query.size ? `?${query}` : "";
  if (search !== location.search) {
    history[step ? "pushState" : "replaceState"](null, "", location.pathname + search);
  }
  tellAirflow(search);
}

/** Return the view without what its panel shows. */
export function withoutPanel(view) {
  return { ...view, ...Object.fromEntries(OPEN.map((name) => [name, ""])) };
}
