// @ts-check
// What would fail tonight, as it was last looked over? It changes once a day, and is asked seldom.

/** @import { PreflightAnswer } from "./answers.js" */

import { read, sayError } from "./api.js";
import { find, make } from "./elements.js";
import { makeAirflowLink } from "./panel.js";
import { sayFine, sayWhen, sayWhose, summarizeLook } from "./preflight_words.js";

const EVERY = 300_000;

/** Ask now, every few minutes, and whenever a reader opens it. */
export function followPreflight() {
  const details = find("preflight", HTMLDetailsElement);
  details.addEventListener("toggle", () => { if (details.open) void showLook(); });
  setInterval(() => { if (!document.hidden) void showLook(); }, EVERY);
  void showLook();
}

async function showLook() {
  const summary = find("preflight-summary"), list = find("preflight-list");
  try {
    const look = await read("preflight", {});
    summary.textContent = summarizeLook(look);
    list.replaceChildren(...makeLook(look));
  } catch (refusal) {
    summary.textContent = "Tonight: the last look cannot be read";
    list.replaceChildren(make("p", { class: "problem" }, sayError(refusal)));
  }
}

/** @param {PreflightAnswer} look */
function makeLook({ looked_at, findings, fine, link }) {
  const isAll = findings.every((each) => each.destinations.length);
  const items = findings.map((each) => make("li", {},
    make("b", {}, `${sayWhose(each)}: `), `${each.told} `, make("span", { class: "quiet" }, each.advice)));
  return [
    make("ul", {}, items), make("p", { class: "fine" }, sayFine(fine, isAll)),
    make("p", {}, `${sayWhen(looked_at)} `, makeAirflowLink(link, "Look again: open preflight_deliveries")),
  ];
}
