'use strict';

const { Controller } = require('egg');
const { USER_AGENTS } = require('../../lib/device');

const NAME_LIMIT = 40;

/** The account page of a user: which sessions there are, and how they end. docs/sessions.md */
class DevicesController extends Controller {
  get registry() {
    return /** @type {any} */ (this.ctx.app).demo.registry;
  }

  /** @returns {string} */
  get user() {
    const { ctx } = this;
    const user = ctx.sealedSession && ctx.sealedSession.user;
    if (!user) ctx.throw(401);
    return user;
  }

  async list() {
    this.ctx.body = { devices: await this.registry.list(this.user, { ctx: this.ctx }) };
  }

  async end() {
    const { ctx } = this;
    ctx.body = { ended: await this.registry.end(this.user, ctx.request.body.id) };
  }

  async endOthers() {
    this.ctx.body = { ended: await this.registry.endOthers(this.ctx) };
  }

  /**
   * Another device that logs in. The page plays it: it sends no cookies and keeps none, and so gets the device's cookie as text. A user
   * agent cannot be set by a page.
   */
  async logIn() {
    const { ctx } = this;
    const { name, device } = ctx.request.body;
    if (typeof name !== 'string' || name === '' || name.length > NAME_LIMIT || !Object.hasOwn(USER_AGENTS, device)) ctx.throw(422);
    ctx.req.headers['user-agent'] = USER_AGENTS[/** @type {keyof typeof USER_AGENTS} */ (device)];
    ctx.sealedSession.user = name;
    await ctx.sealedSession.regenerate();
    ctx.body = { cookie: [ctx.response.get('set-cookie')].flat()[0].split(';')[0] };
  }
}

module.exports = DevicesController;
