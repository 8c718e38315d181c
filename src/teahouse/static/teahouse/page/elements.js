/**
 * Builds elements without ever parsing markup, so that no text of a person can become any; every view uses it.
 */

/** What stands between an opening and a closing tag. @typedef {Node | string | null | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | null>} [attributes]   false and null: not there; true: there, and empty
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

/**
 * @param {string} label          what it is called, also for those who only hear it
 * @param {() => void} onPress
 * @param {{class?: string, icon?: keyof typeof ICONS}} [look]   with an icon, the label is heard and shown on hovering
 * @returns {HTMLButtonElement}
 */
export function button(label, onPress, look = {}) {
  const name = look.icon ? label : null;
  const made = element("button", { type: "button", class: look.class ?? null, "aria-label": name, title: name });
  made.append(look.icon ? icon(look.icon) : label);
  made.addEventListener("click", onPress);
  return made;
}

/** Strokes on a square of 24. */
const ICONS = {
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  report: "M6 21V4h11l-2 4 2 4H6",
  down: "M6 10l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12l16-8-5 16-4-6zM11 14l9-10",
};

/** @param {keyof typeof ICONS} name @returns {SVGSVGElement} */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", "teahouse-icon");
  picture.setAttribute("aria-hidden", "true");
  const stroke = document.createElementNS(space, "path");
  stroke.setAttribute("d", ICONS[name]);
  picture.append(stroke);
  return picture;
}

/**
 * The first element that the selector finds; what is not in the page is an error of the template.
 * @template {HTMLElement} Kind
 * @param {ParentNode} where
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function find(where, selector, kind) {
  const found = where.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}
