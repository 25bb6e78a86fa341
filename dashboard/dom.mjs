// Makes and changes elements. Whatever comes from the server becomes text, never markup.

const svgNamespace = 'http://www.w3.org/2000/svg';
// What a page changes while it is shown must be set as a property; attributes only tell the begin.
const properties = new Set(['value', 'checked', 'disabled', 'hidden', 'textContent', 'tabIndex']);

/**
 * Returns an element. `props` has attributes, `on...` handlers, and `style`, an object of custom
 * properties and declarations. What is null or false is left out. Children are nodes, texts, or
 * lists of them.
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  append(element, children);
  return element;
}

function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (name === 'style') setStyle(element, value);
  else if (properties.has(name) && name in element) element[name] = value;
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** Sets declarations by name; this is no inline style in the eyes of a content security policy. */
export function setStyle(element, declarations) {
  for (const [name, value] of Object.entries(declarations)) {
    element.style.setProperty(name, String(value));
  }
}

/** Adds children to an element: nodes, texts, or lists of them; null and false are left out. */
export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Puts children in the place of all that an element has. */
export function replace(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

/** Changes the text of an element only if it differs, so that nothing is selected or read anew. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Has screen readers say something. */
export function say(text) {
  setText(document.getElementById('said'), text);
}

/** Returns a function that calls `act` once in the next frame, however often it is called. */
export function inNextFrame(act) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      act();
    });
  };
}

/** Returns a function that calls `act` when it has not been called for `ms`. */
export function debounced(ms, act) {
  let timer;
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms, ...words);
  };
}
