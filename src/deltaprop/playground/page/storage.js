/** What the browser keeps for the page: nothing where storage is blocked, as in some embedded frames. */

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @param {string} key
 * @returns {string | null}
 */
export function kept(where, key) {
  try {
    return window[where].getItem(`deltaprop-${key}`);
  } catch {
    return null;
  }
}

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @param {string} key
 * @param {string | null} value null: forget it
 */
export function keep(where, key, value) {
  try {
    if (value === null) window[where].removeItem(`deltaprop-${key}`);
    else window[where].setItem(`deltaprop-${key}`, value);
  } catch {
    // Blocked or full: the page works without.
  }
}
