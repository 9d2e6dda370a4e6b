'use strict';

// Koa 2 and 3 over each version of the package cookies, over HTTP. apps/koa.test.js has the pair that is installed here. On the
// portable engine each version is beside the installed one of the other package: which engine it is, neither of them sees.

const { after } = require('node:test');
const { koaSuite } = require('../support/koa_suite');
const { KoaCopies, VERSIONS } = require('../support/koa_with');

const isEveryPair = process.env.EGG_SESSION_ENGINE !== 'portable';
const copies = new KoaCopies();
after(() => copies.remove());

for (const koa of VERSIONS.koa) {
  for (const cookies of VERSIONS.cookies) {
    const installed = [koa === 'koa', cookies === 'cookies'].filter(Boolean).length;
    if (installed === 1 || (installed === 0 && isEveryPair)) koaSuite(copies.make(koa, cookies));
  }
}
