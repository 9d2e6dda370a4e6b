'use strict';

/** Tasks of this process that would get into each other's way, one after another. */

/** @type {Map<string, Promise<void>>} for each key, when all that wait for it have had their turn */
const queues = new Map();

/**
 * @template Result
 * @param {string} key
 * @param {() => Promise<Result>} task runs when those before it have ended; as soon as one of them fails, all that wait run at
 *   once, so that a server that hangs does not make them wait for its deadline one by one
 * @returns {Promise<Result>}
 */
function inTurn(key, task) {
  const before = queues.get(key) || Promise.resolve();
  const turn = before.then(task, task);
  const passed = before.then(async () => { await turn; });
  queues.set(key, passed);
  const leave = () => {
    if (queues.get(key) === passed) queues.delete(key);
  };
  passed.then(leave, leave);
  return turn;
}

module.exports = { inTurn };
