// How are elements made, so that no text from outside is ever read as markup?

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element; attributes that are false, null or undefined are left out, functions are listeners. */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element. */
export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Make the symbol of a name in index.html's sprite. */
export function symbol(name) {
  return draw("svg", { class: "symbol", "aria-hidden": "true" }, draw("use", { href: `#symbol-${name}` }));
}

/** Find an element of the page by its id. */
export function find(id) {
  return document.getElementById(id);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
