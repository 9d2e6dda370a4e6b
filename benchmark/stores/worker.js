'use strict';

/** A process that does what the crew asks of it, one thing at a time. */

const subjects = require('./subjects');

const STRIDE = 7919;

/** @type {import('./subjects').Subject} */
let subject;
let count = 0;
/** This process's share of the sessions: those with `i % processes === share`. */
let share = 0;
let processes = 1;
let position = 0;
let serial = 0;

/** Far apart, so that two operations under way never meet on one session, unless that is what is measured. */
function nextSession() {
  position = (position + STRIDE) % Math.floor(count / processes);
  return position * processes + share;
}

/**
 * @param {number} times
 * @param {number} inFlight how many at once
 * @param {(n: number) => Promise<void>} run
 */
async function repeat(times, inFlight, run) {
  let next = 0;
  const loop = async () => {
    while (next < times) await run(next++);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, times) }, loop));
}

const commands = {
  open({ kind, args, place, ...options }) {
    ({ count, share, processes } = options);
    subject = subjects[kind](...args, place, count);
  },

  fill: () => subject.fill((times, run) => repeat(times, 100, run)),

  /** `operation` is `read`, `write`, `writeTwice`, or `mixed`: a write after every nine reads. */
  async run({ operation, times, inFlight }) {
    let last;
    const write = operation === 'writeTwice' ? subject.writeTwice : subject.write;
    await repeat(times, inFlight, (n) => {
      const isRead = operation === 'read' || (operation === 'mixed' && n % 10 !== 9);
      if (isRead) return subject.read(nextSession());
      last = { i: nextSession(), serial: ++serial };
      return write(last.i, last.serial);
    });
    return last;
  },

  verify: ({ i, serial, wasTwice }) => subject.verify(i, serial, wasTwice),

  close: () => subject.close(),
};

process.on('message', async ({ command, ...options }) => {
  try {
    process.send({ answer: await commands[command](options) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});

// The crew has ended.
process.on('disconnect', () => process.exit());
