/**
 * Links that are shared have no token. The browser that has opened the page of this server before knows its address;
 * to all others the text says what to do.
 */

/** @returns {string | null} the path of the page, which `page.js` keeps */
function known() {
  try {
    return localStorage.getItem("deltaprop-address");
  } catch {
    return null; // storage is blocked
  }
}

const path = known();
if (path && /^\/[\w-]+\/$/.test(path)) location.replace(path + location.hash);
