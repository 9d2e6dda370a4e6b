'use strict';

const { Controller } = require('egg');

const NAME_LIMIT = 100;

/** The shop's account: one session, in an encrypted cookie. What `npm run demo` prints for curl. */
class AccountController extends Controller {
  /** Answers with the data in the session. */
  async read() {
    const { user = null, count = 0, cart = [] } = this.ctx.session;
    this.ctx.body = { user, count, cart };
  }

  async login() {
    const { ctx } = this;
    const { name } = ctx.request.body;
    if (typeof name !== 'string' || name === '' || name.length > NAME_LIMIT) ctx.throw(422, 'a name, please');
    ctx.session.user = name;
    // Against session fixation: with a store, the session gets a new key, which no attacker can have planted.
    await ctx.session.regenerate();
    ctx.body = { user: name };
  }

  async logout() {
    this.ctx.session = null;
    this.ctx.body = { user: null };
  }
}

module.exports = AccountController;
