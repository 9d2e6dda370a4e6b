'use strict';

/**
 * Deadlines of calls to a store or its server. A process that computes cannot take an answer that has arrived, nor send a
 * command that a client holds back until the next turn of the event loop. So such a time counts for a quarter of the limit at
 * most, and after the last quarter the answers that have arrived are taken first.
 */

// Captured at load, so fake timers in an app's tests cannot stop the store.
const { setTimeout, clearTimeout, setImmediate, clearImmediate } = globalThis;

const PARTS = 4;

/**
 * @param {number} timeoutMs
 * @param {() => void} onPassed called once, unless the deadline is cancelled before
 * @returns {() => void} cancels it
 */
function startDeadline(timeoutMs, onPassed) {
  const partMs = Math.ceil(timeoutMs / PARTS);
  let leftMs = timeoutMs;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {NodeJS.Immediate | undefined} */
  let lastTurn;
  const wait = () => {
    if (leftMs <= 0) {
      // Node reads from sockets between its timers and its immediates.
      lastTurn = setImmediate(onPassed);
      return;
    }
    timer = setTimeout(wait, Math.min(partMs, leftMs));
    leftMs -= partMs;
  };
  wait();
  return () => {
    clearTimeout(timer);
    clearImmediate(lastTurn);
  };
}

module.exports = { startDeadline };
