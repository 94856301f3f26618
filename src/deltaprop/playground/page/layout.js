/** The regions of the page, each a landmark with a name; panels are put into them. */

import {bind} from "./text.js";

/** Region → its element and its parent. @type {[string, string, string][]} */
const REGIONS = [
  ["banner", "div", ""],
  ["topbar", "header", ""],
  ["settings", "section", ""],
  ["workspace", "main", ""],
  ["data", "section", "workspace"],
  ["network", "section", "workspace"],
  ["result", "section", "workspace"],
  ["timeline", "section", "workspace"],
  ["drawer", "aside", "workspace"],
];

/**
 * Build the regions.
 * @param {HTMLElement} root
 * @returns {Record<string, HTMLElement>}
 */
export function layOut(root) {
  root.classList.add("playground");
  root.append(skipLink());
  /** @type {Record<string, HTMLElement>} */
  const regions = {"": root};
  for (const [name, tag, parent] of REGIONS) {
    const region = document.createElement(tag);
    region.className = `region region-${name}`;
    if (tag !== "div" && tag !== "header") bind(region, `shell.${name}`, {}, "aria-label");
    regions[parent].append(region);
    regions[name] = region;
  }
  regions.network.id = "network";
  regions.network.tabIndex = -1;
  return regions;
}

function skipLink() {
  const link = document.createElement("a");
  link.className = "skip-link";
  link.href = "#network";
  // The fragment of the address is a shared state, so the link moves the focus without changing it.
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("network")?.focus();
  });
  return bind(link, "shell.skip");
}
