'use strict';

const { Controller } = require('egg');
const { measure } = require('../../lib/cost');
const { answerCart } = require('../../lib/originals');

/** @type {Promise<any> | undefined} */
let measuring;

/** What the page compares with egg-session: a cart that many requests fill at once, and the cost of a request. */
class MeasuredController extends Controller {
  async cart() {
    const { ctx } = this;
    ctx.body = await answerCart(ctx, ctx.cartSession, ctx.path);
  }

  /** One at a time: who asks meanwhile gets the same answer. */
  async cost() {
    const { ctx } = this;
    const { originals } = /** @type {any} */ (ctx.app).demo;
    if (!originals) ctx.throw(404);
    measuring ??= measure(originals).finally(() => { measuring = undefined; });
    ctx.body = await measuring;
  }
}

module.exports = MeasuredController;
