'use strict';

/** The boot classes of the documents: in Egg 4 @eggjs/redis makes `app.redis` in `didLoad`, and an app that asks before does not start. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const egg = require('../..');

const ROOT = path.join(__dirname, '../..');
const redis = { async get() { return null; }, async set() {}, async del() {}, async evalsha() {}, async eval() {} };

/** @param {string} document @returns {string[]} its files `app.js` that make a store of `app.redis` */
function bootsOf(document) {
  const text = fs.readFileSync(path.join(ROOT, document), 'utf8');
  return [...text.matchAll(/```js\n(\/\/ app\.js[\s\S]*?)```/g)].map(match => match[1]).filter(source => /client: (?:this\.)?app\.redis/.test(source));
}

for (const document of ['README.md', 'docs/stores.md', 'docs/revocation.md']) {
  test(`${document}: app.js asks for app.redis when it is there`, async () => {
    const sources = bootsOf(document);
    assert.equal(sources.length, 1);
    for (const source of sources) {
      const module = { exports: /** @type {any} */ (undefined) };
      vm.runInNewContext(source, { module, require: () => egg });
      const app = /** @type {any} */ ({ config: { session: {} } });
      const boot = new module.exports(app);
      assert.deepEqual(Object.getOwnPropertyNames(module.exports.prototype), ['constructor', 'didLoad']);
      app.redis = redis;
      await boot.didLoad();
      assert.ok(app.sessionStore instanceof egg.RedisStore || app.config.session.revocation instanceof egg.Revocations);
    }
  });
}
