'use strict';

/** The work of V8 and Node that every session layer has: parse a session, write it out, send a line as long as its cookie. */

const { content } = require('../cases');

const text = JSON.stringify({ ...content(300, 1), _expire: Date.now(), _maxAge: 86400000 });
const LINE = `EGG_SESS=${'x'.repeat(Math.ceil(text.length / 3) * 4 * 4 / 3)}; path=/; max-age=86400; expires=${new Date().toUTCString()}; httponly`;
// A constant answer, by which the load sees that the route was the floor's.
const USER_ID = 0;

/** @returns {any} a new object each time */
function parse() {
  return JSON.parse(text);
}

module.exports = {
  read: () => (parse().userId ? USER_ID : -1),

  /** @param {any} ctx */
  write(ctx) {
    const session = parse();
    session.visits = 1;
    const written = JSON.stringify(session);
    ctx.set('set-cookie', [LINE]);
    return written.length > text.length ? USER_ID : -1;
  },
};
