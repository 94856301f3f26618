/** Every word of the page, in English and Chinese, and the language in use. */

/** @typedef {Record<"en" | "zh", Record<string, string>>} Words */

/** @type {Record<string, Words>} */
const WORDS = {};

/** @type {"en" | "zh"} */
let language = "en";

/** What `bind` keeps up to date. @type {WeakMap<Element, Map<string, [string, Record<string, any>]>>} */
const bound = new WeakMap();

/**
 * Make the words of a panel known.
 * @param {string} name
 * @param {Words} words
 */
export function register(name, words) {
  WORDS[name] = words;
}

/**
 * A text in the language in use.
 * @param {string} key "panel.key"
 * @param {Record<string, any>} [values] fill `{name}` in the text
 * @returns {string}
 */
export function text(key, values = {}) {
  const dot = key.indexOf(".");
  const words = WORDS[key.slice(0, dot)]?.[language][key.slice(dot + 1)];
  return (words ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * Whether there is a text.
 * @param {string} key
 */
export function hasText(key) {
  const dot = key.indexOf(".");
  return WORDS[key.slice(0, dot)]?.[language][key.slice(dot + 1)] !== undefined;
}

/**
 * Write a text into an element or its attribute, and again whenever the language changes.
 * @template {Element} T
 * @param {T} element
 * @param {string} key
 * @param {Record<string, any>} [values]
 * @param {string} [attribute] "textContent" or the name of an attribute
 * @returns {T} the element
 */
export function bind(element, key, values = {}, attribute = "textContent") {
  const texts = bound.get(element) ?? new Map();
  bound.set(element, texts.set(attribute, [key, values]));
  element.toggleAttribute("data-words", true);
  write(element, attribute, text(key, values));
  return element;
}

/**
 * @param {Element} element
 * @param {string} attribute
 * @param {string} words
 */
function write(element, attribute, words) {
  if (attribute === "textContent") element.textContent = words;
  else element.setAttribute(attribute, words);
}

/** @returns {"en" | "zh"} */
export function currentLanguage() {
  return language;
}

/**
 * Change the language of all bound texts under an element.
 * @param {"en" | "zh"} wanted
 * @param {ParentNode} root
 */
export function setLanguage(wanted, root) {
  language = wanted;
  for (const element of root.querySelectorAll("[data-words]")) {
    for (const [attribute, [key, values]] of bound.get(element) ?? []) write(element, attribute, text(key, values));
  }
}

/** The language that the browser prefers, of the two there are. @returns {"en" | "zh"} */
export function preferredLanguage() {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}
