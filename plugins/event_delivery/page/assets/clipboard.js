// @ts-check
// How is a text copied? A frame without the clipboard's permission, or plain HTTP, has the old way only.

import { findFocused, make } from "./elements.js";

/**
 * Copy a text; tells whether that was possible.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "unseen", readonly: true }), held = findFocused();
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    held?.focus({ preventScroll: true });
    return done;
  }
}
