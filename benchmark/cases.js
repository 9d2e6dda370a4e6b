'use strict';

/**
 * What a request does with its session. `run` is the app's code, `check` looks at what it left, for every request
 * measured. A fresh `serial` makes each cookie one that the worker has not seen. `needs` are the parts of floor.js that a
 * cookie session cannot do without; a store in memory needs of these only the header.
 */

/**
 * A logged-in user's session of about `size` bytes of JSON. Beyond 300 bytes a shopping cart grows.
 *
 * @param {number} size
 * @param {number} serial
 */
function content(size, serial) {
  if (size < 100) return { userId: 1000000 + serial };
  const session = {
    userId: 1000000 + serial,
    name: 'Ada Lovelace',
    email: 'ada.lovelace@example.com',
    roles: ['admin', 'editor'],
    csrfSecret: `Zm9vYmFyYmF6cXV4${String(serial).padStart(8, '0')}`,
    loginAt: 1760000000000 + serial,
    locale: 'en-GB',
    returnTo: '/orders/2026/11?page=3&sort=date',
  };
  const cart = [];
  for (let length = 250; length < size - 20; length += 50) {
    cart.push({ sku: `item-${cart.length}-${serial % 10}`, count: cart.length % 7, price: 19.5 });
  }
  return cart.length > 0 ? { ...session, cart } : session;
}

const cases = {
  'read, cookie seen before': { cookies: 1, needs: [], run: (ctx) => ctx.session.userId, check: readsOnly },
  'read, first sight': { cookies: Infinity, needs: ['parse'], run: (ctx) => ctx.session.userId, check: readsOnly },
  write: {
    cookies: Infinity,
    needs: ['parse', 'stringify', 'setHeader'],
    run(ctx) {
      ctx.session.visits = ctx.serial;
      return ctx.session.userId;
    },
    check: writes,
  },
  'new session': {
    cookies: 0,
    needs: ['stringify', 'setHeader'],
    run(ctx) {
      ctx.session = ctx.content;
      return ctx.content.userId;
    },
    check: writes,
  },
  // so little that only many requests show it
  'not touched': { cookies: 1, needs: [], times: 20, run: (ctx) => ctx.content.userId, check: readsOnly },
};

function readsOnly(ctx, result) {
  return result === ctx.content.userId && !ctx.response.get('set-cookie');
}

function writes(ctx, result) {
  const lines = ctx.response.get('set-cookie');
  return result === ctx.content.userId && lines && lines[0].startsWith('EGG_SESS=') && lines[0].includes('; httponly');
}

module.exports = { cases, content };
