// What does the panel show for the view: a delivery, or a destination?

import { read } from "./api.js";
import { makeDelivery } from "./delivery.js";
import { makeDestination } from "./destination.js";
import { find, make } from "./elements.js";
import { showPanel } from "./panel.js";
import { day } from "./words.js";

let shown = "";

/** Show what the view has open; `around` is { row, acts, now, close, openDestination }. */
export async function showOpen(view, around) {
  const wanted = [view.destination, view.event, view.day, view.kind, view.start].join("|");
  const title = around.row?.client || view.destination;
  const subtitle = view.day ? `${day(view.day)} · ${view.event}` : view.destination;
  if (wanted !== shown || find("panel").hidden) {
    shown = wanted;
    showPanel(title, subtitle, [make("p", { class: "quiet" }, "Reading…")], around.close);
  }
  const content = await readContent(view, around).catch((error) => [make("p", { class: "problem" }, error.message)]);
  if (wanted === shown && !find("panel").hidden) showPanel(title, subtitle, content, around.close);
}

async function readContent(view, { row, acts, now, openDestination }) {
  if (!view.day && !view.start) {
    return makeDestination(await read("destination", { id: view.destination }), { row, now, acts });
  }
  const { destination, event, day: text, kind, start } = view;
  const delivery = await read("delivery", { destination, event, day: text, kind, start });
  return makeDelivery(delivery, {
    zone: row?.zone, now, next: row?.cells.get(text)?.next_at, may: Boolean(acts) && !row.own,
    redeliver: () => acts.redeliver(text), openDestination: () => row && openDestination(row),
  });
}
