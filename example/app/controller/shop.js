'use strict';

const { Controller } = require('egg');

// The session is in the cookie, and browsers drop a cookie over 4 KB. These limits keep the cart small.
const ITEM_LIMIT = 50;
const CART_LIMIT = 20;

class ShopController extends Controller {
  async count() {
    const { session } = this.ctx;
    session.count = (session.count || 0) + 1;
    this.ctx.body = { user: session.user || null, count: session.count };
  }

  async addToCart() {
    const { ctx } = this;
    const { item } = ctx.request.body;
    if (typeof item !== 'string' || item === '' || item.length > ITEM_LIMIT) ctx.throw(422, 'an item, please');
    ctx.session.cart = [...(ctx.session.cart || []), item].slice(-CART_LIMIT);
    ctx.body = { cart: ctx.session.cart };
  }
}

module.exports = ShopController;
