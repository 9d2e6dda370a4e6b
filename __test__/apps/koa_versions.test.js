'use strict';

// Koa 2 and 3 over each version of the package cookies, over HTTP. apps/koa.test.js has the pair that is installed here.

const { after } = require('node:test');
const { koaSuite } = require('../support/koa_suite');
const { KoaCopies, VERSIONS } = require('../support/koa_with');

const copies = new KoaCopies();
after(() => copies.remove());

for (const koa of VERSIONS.koa) {
  for (const cookies of VERSIONS.cookies) {
    if (koa !== 'koa' || cookies !== 'cookies') koaSuite(copies.make(koa, cookies));
  }
}
