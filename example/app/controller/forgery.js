'use strict';

const { Controller } = require('egg');
const { readSession } = require('../../..');

const VALUE = /^[\w=-]{1,1000}$/;
const NAME = /^[\w-]{28}$/;

/**
 * Two sessions of one visitor, who is user 1001 and chose a nickname. The page flips a bit in both cookies, without any key, and asks
 * who it is now.
 */
class ForgeryController extends Controller {
  async signUp() {
    const { ctx } = this;
    const { name } = ctx.request.body;
    if (typeof name !== 'string' || !NAME.test(name)) ctx.throw(422, 'a nickname, please');
    for (const session of ['forgeableSession', 'unforgeableSession']) {
      ctx[session] = { name, uid: 1001 };
      await ctx[session].save();
    }
    const [forgeable, unforgeable] = [ctx.response.get('set-cookie')].flat()
      .map((/** @type {string} */ line) => line.slice(line.indexOf('=') + 1).split(';')[0]);
    ctx.body = { forgeable, unforgeable };
  }

  /** Who the sender of these two cookies is. */
  async send() {
    const { ctx } = this;
    const { forgeable, unforgeable } = ctx.request.body;
    if (![forgeable, unforgeable].every(value => typeof value === 'string' && VALUE.test(value))) ctx.throw(422, 'two cookies, please');
    const cookie = `FORGEABLE_SESS=${forgeable}; UNFORGEABLE_SESS=${unforgeable}`;
    const read = (/** @type {string} */ as) => readSession(ctx.app, { headers: { cookie } }, { as });
    const { originals } = /** @type {any} */ (ctx.app).demo;
    ctx.body = {
      encrypted: uidOf(await read('forgeableSession')),
      sealed: uidOf(await read('unforgeableSession')),
      original: originals && { version: originals.version, uid: uidOf(await originals.readForgeable(cookie)) },
    };
  }

  /** The same for a request that brings the cookies as cookies. */
  async whoAmI() {
    const { forgeableSession, unforgeableSession } = this.ctx;
    this.ctx.body = { encrypted: uidOf(forgeableSession), sealed: uidOf(unforgeableSession) };
  }
}

/** @param {any} session @returns {unknown} */
function uidOf(session) {
  return session && typeof session.uid === 'number' ? session.uid : null;
}

module.exports = ForgeryController;
