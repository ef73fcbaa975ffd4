// @ts-check
// What is a client told of its files, and what would it get of a day?

/** @import { ClientFiles, DestinationDetail } from "./answers.js" */

import { addressOf } from "./api.js";
import { make } from "./elements.js";
import { makeButton, makePart } from "./panel.js";
import { openPreview } from "./preview.js";

/**
 * Make the part of the panel: the guide, what describes events to programs, and a look at a file.
 * @param {Pick<DestinationDetail, "id" | "client">} destination
 * @param {ClientFiles} files
 * @param {string} [lastDay] the last that is over
 */
export function makeFiles(destination, files, lastDay) {
  const { id } = destination, described = ["csv", "parquet"].includes(files.format) ? "columns" : "schema";
  return makePart("What the client gets",
    make("p", { class: "links" },
      makeDownload({ destination: id, format: "html" }, "Guide, to print or send"),
      makeDownload({ destination: id, format: "md" }, "Guide, Markdown"),
      files.events.map((event) => makeDownload({ destination: id, format: "columns", event }, `${event}: ${described}`))),
    make("div", { class: "buttons" },
      makeButton("Look at a file…", () => openPreview({ ...destination, ...files, lastDay: lastDay || "" }))));
}

/** @type {(query: Record<string, string>, words: string) => HTMLElement} */
function makeDownload(query, words) {
  const href = addressOf("guide", query).href;
  return make("a", { class: "link", href, download: true, "data-name": words }, words);
}
