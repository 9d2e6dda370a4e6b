'use strict';

/**
 * What is measured: a store alone, or requests through a session middleware with a store behind it. Both read and write
 * session number `i` of a known content, and look at every answer.
 */

const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { content } = require('../cases');
const { createContender, createContext, cookieHeader } = require('../contenders');
const { stores, MAX_AGE_MS } = require('./stores');

const SIZE_BYTES = 300;

/** @typedef {import('./stores').Place} Place */

/**
 * @typedef {object} Subject
 * @property {(repeat: (times: number, run: (i: number) => Promise<void>) => Promise<void>) => Promise<void>} fill
 * @property {(i: number) => Promise<void>} read
 * @property {(i: number, serial: number) => Promise<void>} write
 * @property {(i: number, serial: number) => Promise<void>} [writeTwice] two requests of one browser at once
 * @property {(i: number, serial: number, wasTwice: boolean) => Promise<void>} verify that a write has come to stay
 * @property {() => any} close
 */

/** @param {number} i @returns {string} spread over the index as random ids are, and the same in every process */
function keyOf(i) {
  return createHash('md5').update(`session ${i}`).digest('hex');
}

/** @param {boolean} isRight @param {string} what */
function check(isRight, what) {
  if (!isRight) throw new Error(`wrong answer to ${what}`);
}

/**
 * @param {string} name of the store
 * @param {Place} place
 * @param {number} count of sessions
 * @returns {Subject}
 */
function storeAlone(name, place, count) {
  const store = stores[name](place);
  const keys = Array.from({ length: count }, (_, i) => keyOf(i));
  const write = async (i, serial) => {
    await store.set(keys[i], { ...content(SIZE_BYTES, i), visits: serial }, MAX_AGE_MS);
  };
  return {
    async fill(repeat) {
      if (store.begin) store.begin();
      await repeat(count, (i) => write(i, 0));
      if (store.end) store.end();
    },
    async read(i) {
      const session = await store.get(keys[i]);
      check(session.userId === content(60, i).userId, 'get');
    },
    write,
    async verify(i, serial) {
      const { visits, email } = await store.get(keys[i]);
      assert.deepEqual({ visits, email }, { visits: serial, email: content(SIZE_BYTES, i).email });
    },
    close: () => store.close(),
  };
}

/**
 * @param {'egg-session' | 'ours'} layer
 * @param {string} name of the store
 * @param {Place} place
 * @param {number} count of sessions
 * @returns {Subject}
 */
function throughMiddleware(layer, name, place, count) {
  const store = stores[name](place);
  const { app, middleware } = createContender(layer, 'encrypted', { store, genid: (ctx) => ctx.newKey });
  /** @type {string[]} what the browser of each session sends */
  const cookies = new Array(count);

  async function request(i, run) {
    const ctx = createContext(app, cookies[i]);
    if (cookies[i] === undefined) ctx.newKey = keyOf(i);
    await middleware(ctx, async () => run(ctx));
    return ctx;
  }
  async function write(i, serial, name = 'visits') {
    const ctx = await request(i, ({ session }) => {
      check(session.userId === content(60, i).userId, 'a request that writes');
      session[name] = serial;
    });
    check(String(ctx.response.get('set-cookie')).startsWith('EGG_SESS='), 'a request that writes');
  }
  return {
    fill: (repeat) => repeat(count, async (i) => {
      const ctx = await request(i, (ctx) => {
        ctx.session = content(SIZE_BYTES, i);
      });
      cookies[i] = cookieHeader(ctx);
    }),
    async read(i) {
      let userId;
      const ctx = await request(i, ({ session }) => {
        userId = session.userId;
      });
      check(userId === content(60, i).userId && !ctx.response.get('set-cookie'), 'a request that reads');
    },
    write,
    async writeTwice(i, serial) {
      await Promise.all([write(i, serial), write(i, serial, 'clicks')]);
    },
    async verify(i, serial, wasTwice) {
      await request(i, ({ session: { visits, clicks, email } }) => {
        assert.equal(email, content(SIZE_BYTES, i).email);
        const isThere = [visits === serial, !wasTwice || clicks === serial];
        // Without a merge one of two that write at once is lost.
        assert.ok(layer === 'egg-session' && wasTwice ? visits === serial || clicks === serial : isThere.every(Boolean), 'a write was lost');
      });
    },
    close: () => store.close(),
  };
}

module.exports = { storeAlone, throughMiddleware };
