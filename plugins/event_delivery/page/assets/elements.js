// @ts-check
// How are elements made, so that no text from outside is ever read as markup?

/** @typedef {Node | string | number | boolean | null | undefined} Child */
/** @typedef {Child | Array<Child | Child[]>} Children */
/** @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Attribute */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element; attributes that are false, null or undefined are left out, functions are listeners.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {Children[]} children
 */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * Make an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {Children[]} children
 */
export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * Make the symbol of a name in index.html's sprite.
 * @param {string} name
 */
export function symbol(name) {
  return draw("svg", { class: "symbol", "aria-hidden": "true" }, draw("use", { href: `#symbol-${name}` }));
}

/**
 * Find an element of the page by its id.
 * @overload
 * @param {string} id
 * @returns {HTMLElement}
 */
/**
 * Find an element of a kind by its id.
 * @template {HTMLElement} Kind
 * @overload
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
/**
 * @param {string} id
 * @param {new () => HTMLElement} kind
 */
export function find(id, kind = HTMLElement) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`The page has no ${kind.name} with the id ${id}.`);
  return element;
}

/**
 * Find a field of the tools by its id.
 * @param {string} id
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
export function findField(id) {
  const field = find(id);
  return field instanceof HTMLSelectElement ? field : find(id, HTMLInputElement);
}

/**
 * Return the element of the page that an event came from, or null.
 * @param {Event} event
 */
export function findTarget(event) {
  return event.target instanceof Element ? event.target : null;
}

/** Return the element that has the focus, or null. */
export function findFocused() {
  return document.activeElement instanceof HTMLElement ? document.activeElement : null;
}

/**
 * @template {Element} Kind
 * @param {Kind} element
 * @param {Record<string, Attribute>} attributes
 * @param {Children[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...listNodes(children));
  return element;
}

/**
 * Return what is there of children that may be lists, or nothing.
 * @param {Children[]} children
 */
export function listNodes(children) {
  const known = /** @type {Child[]} */ (children.flat(2)).filter((child) => child !== null && child !== undefined && child !== false);
  return known.map((child) => (child instanceof Node ? child : String(child)));
}
