// Brings a tree of elements up to date, so that what has the focus keeps it.

/**
 * Make `old` equal to `fresh`; elements of the same name at the same place are kept.
 * @param {Node} old
 * @param {Node} fresh
 */
export function patch(old, fresh) {
  if (old.nodeName !== fresh.nodeName) {
    old.parentNode?.replaceChild(fresh, old);
    return;
  }
  if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
  if (old instanceof Element && fresh instanceof Element) patchAttributes(old, fresh);
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  before.slice(after.length).forEach((child) => old.removeChild(child));
  after.forEach((child, i) => (i < before.length ? patch(before[i], child) : old.appendChild(child)));
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function patchAttributes(old, fresh) {
  for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const {name, value} of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
