// @ts-check
// How does this page live inside Airflow: its theme, its address bar, its other pages?

const COPIED = ["bg", "fg", "fg-muted", "brand-solid"];

/** Return Airflow's window when this page stands in its frame. */
function findAirflow() {
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

const airflow = findAirflow();

/** Wear Airflow's colours, and follow when the reader changes them. */
export function followTheme() {
  const dress = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    copyColours();
  };
  dress();
  window.addEventListener("storage", dress);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
  if (airflow) {
    const watched = { attributes: true, attributeFilter: ["class", "data-theme", "style"] };
    new MutationObserver(dress).observe(airflow.document.documentElement, watched);
  }
}

/**
 * Keep Airflow's address bar in step, so that a reload or a copied link comes back to the same view.
 * @param {string} search
 */
export function tellAirflow(search) {
  if (!airflow) return;
  const { pathname } = airflow.location;
  const start = pathname.indexOf(location.pathname);
  if (start < 0) return; // a tab of a DAG: Airflow does not keep the frame's address there
  airflow.history.replaceState(airflow.history.state, "", pathname.slice(0, start) + location.pathname + search);
}

/** Return the query of Airflow's own address where it leads to this page but is not handed on to the frame. */
export function askAirflow() {
  return airflow && /\/plugin\/[^/]+\/?$/.test(airflow.location.pathname) ? airflow.location.search : "";
}

/**
 * Return the address of one of Airflow's own pages.
 * @param {string} path
 */
export function airflowAddress(path) {
  const base = location.pathname.replace(/\/event_delivery\/.*$/, "");
  return path.startsWith(`${base}/`) ? path : base + path;
}

/**
 * Go to one of Airflow's own pages; the frame's sandbox lets no link do so.
 * @param {MouseEvent & { currentTarget: Element }} event
 */
export function goTo(event) {
  if (!airflow) return;
  event.preventDefault();
  airflow.history.pushState({}, "", event.currentTarget.getAttribute("href"));
  airflow.dispatchEvent(new PopStateEvent("popstate"));
}

function isDark() {
  const shown = airflow?.document.documentElement.classList;
  if (shown?.contains("dark")) return true;
  if (shown?.contains("light")) return false;
  const chosen = localStorage.getItem("theme");
  if (chosen === "dark" || chosen === "light") return chosen === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function copyColours() {
  if (!airflow) return;
  const theirs = airflow.getComputedStyle(airflow.document.documentElement);
  for (const name of COPIED) {
    const value = theirs.getPropertyValue(`--chakra-colors-${name}`).trim();
    if (value) document.documentElement.style.setProperty(`--${name}`, value);
  }
  const font = theirs.getPropertyValue("--chakra-fonts-body").trim();
  if (font) document.documentElement.style.setProperty("--font", font);
}
