'use strict';

const { Controller } = require('egg');

class PageController extends Controller {
  async show() {
    const { ctx } = this;
    const { helper, session } = ctx;
    const { user, count = 0 } = session;
    /** @type {string[]} */
    const cart = session.cart || [];
    const account = user
      ? '<form method="post" action="/logout"><button>Log out</button></form>'
      : '<form method="post" action="/login"><label>Name <input name="name" required></label> <button>Log in</button></form>';

    ctx.type = 'html';
    ctx.body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Example shop</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>Hello${user ? `, ${helper.escape(user)}` : ''}</h1>
${account}
<p>You counted to ${count}. <a href="/counter">Count on</a></p>
<h2>Cart</h2>
<ul>${cart.map(item => `<li>${helper.escape(item)}</li>`).join('')}</ul>
<form method="post" action="/cart"><label>Item <input name="item" required></label> <button>Add</button></form>
</html>
`;
  }
}

module.exports = PageController;
