'use strict';

const { Controller } = require('egg');
const { readSession } = require('../../..');

const NAME_LIMIT = 40;
const COOKIES_LIMIT = 16 * 1024;

/** The formats that the page shows, by the session's name on `ctx`. */
const FORMATS = { encrypted: 'session', signed: 'signedSession', sealed: 'sealedSession', stored: 'storedSession' };

/** @param {string} [header] a Cookie header @returns {Map<string, string>} */
function parseCookies(header = '') {
  return new Map(header.split('; ').filter(Boolean).map(pair => {
    const [name, ...value] = pair.split('=');
    return [name, value.join('=')];
  }));
}

/** One login, four sessions: each in another format. */
class FormatsController extends Controller {
  async show() {
    this.ctx.body = await this.describe();
  }

  async login() {
    const { ctx } = this;
    const { name } = ctx.request.body;
    if (typeof name !== 'string' || name.trim() === '' || name.length > NAME_LIMIT) ctx.throw(422, 'a name, please');
    const loggedInAt = new Date().toISOString();
    for (const as of Object.values(FORMATS)) {
      ctx[as].user = name;
      ctx[as].count = 0;
      ctx[as].loggedInAt = loggedInAt;
      await ctx[as].regenerate();
    }
    ctx.body = await this.describe();
  }

  async count() {
    const { ctx } = this;
    for (const as of Object.values(FORMATS)) {
      if (!ctx[as].user) ctx.throw(401);
      ctx[as].count++;
      // Now, and not when the request ends, so that the answer can tell what is set.
      await ctx[as].save();
    }
    ctx.body = await this.describe();
  }

  async logout() {
    const { ctx } = this;
    for (const as of Object.values(FORMATS)) ctx[as] = null;
    ctx.body = { user: null };
  }

  /** What each session makes of a Cookie header that is sent in the body: as if a client sent it, and nothing is written. */
  async replay() {
    const { ctx } = this;
    const { cookie } = ctx.request.body;
    if (typeof cookie !== 'string' || cookie.length > COOKIES_LIMIT) ctx.throw(422, 'cookies, please');
    /** @type {Record<string, string | null>} */
    const users = {};
    for (const [format, as] of Object.entries(FORMATS)) {
      const session = await readSession(ctx.app, { headers: { cookie } }, { as: as === 'session' ? undefined : as });
      users[format] = session && session.user || null;
    }
    ctx.body = users;
  }

  /** The cookies that the browser has now, those that this response sets, and what they stand for. */
  async describe() {
    const { ctx } = this;
    /** @type {string[]} */
    const lines = [ctx.response.get('set-cookie') ?? []].flat();
    const cookies = parseCookies(ctx.get('cookie'));
    for (const line of lines) for (const [name, value] of parseCookies(line.split(';')[0])) cookies.set(name, value);

    const formats = [];
    for (const [format, as] of Object.entries(FORMATS)) {
      const key = ctx[`${as}Options`].key;
      const names = [key, `${key}.sig`];
      const cookie = names.filter(name => cookies.has(name)).map(name => `${name}=${cookies.get(name)}`).join('; ');
      formats.push({
        format, cookie,
        setCookie: lines.filter(line => names.includes(line.split('=')[0])),
        holds: await readSession(ctx.app, { headers: { cookie } }, { as: as === 'session' ? undefined : as }),
      });
    }
    // After a restart the stores are empty, and the cookies are still there.
    const isLoggedIn = formats.every(({ holds }) => holds && holds.user);
    return { user: isLoggedIn ? ctx.session.user : null, formats };
  }
}

module.exports = FormatsController;
