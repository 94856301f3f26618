/** Which tab a session belongs to: a duplicated tab has the same storage, and must not take the session. */

/**
 * Hold a session for the life of this tab.
 * @param {string} session
 * @returns {Promise<boolean>} false: another tab holds it
 */
export function holdSession(session) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    // After a reload, the page before may hold its lock for a moment yet.
    const signal = AbortSignal.timeout(400);
    const held = () => (resolve(true), new Promise(() => {}));
    navigator.locks.request(`deltaprop-${session}`, {signal}, held).catch(() => resolve(false));
  });
}
