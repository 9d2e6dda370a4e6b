'use strict';

/** Apps with Egg and the packed package, nothing else. Every usage file holds lines that must not compile, under `@ts-expect-error`. */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { cleanEnv } = require('../support/packed');
const { TypedApp, SETTINGS } = require('../support/typed_app');

const EGGS = { 3: new TypedApp({ egg: 'egg' }), 4: new TypedApp({ egg: 'egg4' }) };
test.after(() => Object.values(EGGS).forEach(app => app.remove()));

for (const [major, app] of Object.entries(EGGS)) {
  const files = [`egg${major}.ts`, 'engine.ts', 'stores.ts', 'store_tests.ts'];

  test(`the Egg ${major} app has Egg ${major}, and none of the other's packages`, () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(app.modules, 'egg/package.json'), 'utf8'));
    assert.equal(version.split('.')[0], major);
    assert.equal(fs.existsSync(path.join(app.modules, '@eggjs/core')), major === '4');
    assert.equal(fs.existsSync(path.join(app.modules, 'egg-core')), major === '3');
  });

  for (const setting of /** @type {Array<keyof typeof SETTINGS>} */ (Object.keys(SETTINGS))) {
    test(`Egg ${major}, ${setting}: an app compiles, and misuse in it does not`, async () => {
      // Once with a look into our own declarations, which takes long.
      assert.equal(await app.compile(files, setting, { skipLibCheck: setting !== 'CommonJS' }), '');
    });
  }

  for (const file of fs.readdirSync(path.join(__dirname, '../types')).filter(name => name.startsWith(`egg${major}_`))) {
    for (const setting of /** @type {const} */ (['CommonJS', 'ES modules'])) {
      test(`Egg ${major}, ${setting}: an app declares the session's type itself (${file})`, async () => {
        assert.equal(await app.compile([file], setting, { skipLibCheck: true }), '');
      });
    }
  }
}

test('every file of the package that the documents name is there for require and, by its whole name, for import', () => {
  const folder = EGGS[4].folder;
  const script = `
    import assert from 'node:assert';
    import { createRequire } from 'node:module';
    import createSession from 'egg-session-native';
    import storeTests from 'egg-session-native/store-tests.js';
    const require = createRequire(import.meta.url);
    assert.equal(require('egg-session-native'), createSession);
    for (const name of ['store-tests', 'store-tests.js']) assert.equal(require('egg-session-native/' + name), storeTests);
    assert.equal(require('egg-session-native/package.json').eggPlugin.name, 'session');
    assert.equal(require('egg-session-native/config/config.default').session.key, 'EGG_SESS');
  `;
  fs.writeFileSync(path.join(folder, 'imports.mjs'), script);
  execFileSync(process.execPath, ['imports.mjs'], { cwd: folder, env: cleanEnv() });
});
