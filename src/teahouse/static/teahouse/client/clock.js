/**
 * The clock that every timer of the client runs on, so that tests can turn its hands; the browser's is the default.
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now                                      milliseconds since 1970; may jump
 * @property {(run: () => void, milliseconds: number) => any} set    run once, later
 * @property {(timer: any) => void} clear
 */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  set: (run, milliseconds) => setTimeout(run, milliseconds),
  clear: (timer) => clearTimeout(timer),
};
