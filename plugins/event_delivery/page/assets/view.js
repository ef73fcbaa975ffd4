// @ts-check
// What does the reader look at, and how is that said in an address?

/** @typedef {typeof NOTHING} View */

const NOTHING = {
  from: "", to: "", q: "", state: "", client: "", scope: "", sort: "",
  destination: "", event: "", day: "", kind: "", start: "", end: "",
};
const NAMES = /** @type {Array<keyof View>} */ (Object.keys(NOTHING));

/**
 * Return the view that an address's query names.
 * @param {string} search
 */
export function parseView(search) {
  const query = new URLSearchParams(search), view = { ...NOTHING };
  for (const name of NAMES) view[name] = query.get(name) || "";
  return view;
}

/**
 * Return the query that names a view; empty for the first look.
 * @param {View} view
 */
export function formatView(view) {
  const query = new URLSearchParams();
  for (const name of NAMES) if (view[name]) query.set(name, view[name]);
  return query.size ? `?${query}` : "";
}

/**
 * Return the view without what its panel shows.
 * @param {View} view
 */
export function withoutPanel(view) {
  return { ...view, destination: "", event: "", day: "", kind: "", start: "", end: "" };
}
