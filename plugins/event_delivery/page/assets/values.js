// @ts-check
// How is the value of a destination's field said?

/** @import { FieldValue } from "./answers.js" */

import { instant } from "./words.js";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * Say a value, and whether it is plain words, literal as code, or so little that it is said quietly.
 * @param {FieldValue} value
 * @returns {{ words: string, kind: "plain" | "code" | "quiet" }}
 */
export function sayValue(value) {
  if (value === null || value === "") return { words: "not set", kind: "quiet" };
  if (value === true || value === false) return { words: value ? "yes" : "no", kind: "plain" };
  if (typeof value === "string" && INSTANT.test(value)) return { words: instant(value), kind: "plain" };
  if (Array.isArray(value)) {
    return value.length ? { words: value.join(", "), kind: "plain" } : { words: "none", kind: "quiet" };
  }
  if (typeof value !== "object") return { words: String(value), kind: "code" };
  const parts = Object.entries(value).filter(([, part]) => part).map(([name, part]) => `${name}: ${part}`);
  return { words: parts.join(", "), kind: "plain" };
}
