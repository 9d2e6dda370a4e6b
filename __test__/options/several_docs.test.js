'use strict';

/** What docs/several.md has an app write is what the tests run. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');

const ROOT = path.join(__dirname, '../..');
const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8');
const guide = read('docs/several.md');
const blocks = [...guide.matchAll(/```(js|ts)\n([\s\S]*?)```/g)].map(([, , source]) => source);
/** @param {string} part @returns {string} the one block with this text */
const blockWith = part => {
  const found = blocks.filter(source => source.includes(part));
  assert.equal(found.length, 1, part);
  return found[0];
};

test('the Koa app has both sessions', async () => {
  const names = { 'koa': Koa, 'egg-session-native': createSession };
  const app = vm.runInNewContext(`${blockWith('new Koa()')}\napp`, {
    process: { env: { COOKIE_KEY: 'the key of the guide\'s app' } }, require: name => names[name] ?? assert.fail(name),
  });
  const run = app.middleware.reduceRight((next, middleware) => ctx => middleware(ctx, () => next(ctx)), () => {});
  const first = await exchange(app, ctx => run(ctx), () => {});
  assert.deepEqual({ ...first.ctx.body }, { visits: 1, admin: undefined });
  const second = await exchange(app, ctx => run(ctx), () => {}, { headers: { cookie: cookieHeader(first.setCookie) } });
  assert.equal(second.ctx.body.visits, 2);
});

test('the Egg app has the middleware and the config of the fixture', () => {
  const module = { exports: undefined };
  vm.runInNewContext(blockWith('// app/middleware/admin_session.js'), { module, require: name => (name === 'egg-session-native' ? createSession : assert.fail(name)) });
  assert.equal(module.exports, require('../fixtures/admin_app/app/middleware/admin_session'));
  const exports = /** @type {any} */ ({});
  vm.runInNewContext(blockWith('// config/config.default.js'), { exports });
  const { middleware, adminSession } = require('../fixtures/admin_app/config/config.default')();
  assert.deepEqual([[...exports.middleware], { ...exports.adminSession, maxAge: 5000 }], [middleware, adminSession]);
});

test('the declarations are those that are compiled', () => {
  const [, declaration] = /(declare module[\s\S]*)/.exec(blockWith('declare module'));
  for (const [major, name] of [[3, 'egg'], [4, '@eggjs/core']]) {
    const compiled = read(`__test__/types/egg${major}_named_session.ts`);
    assert.ok(compiled.includes(declaration.replace('\'egg\' { // Egg 4: \'@eggjs/core\'', `'${name}' {`).trim()), name);
  }
});

test('userOf tells the sessions of one store apart', () => {
  const userOf = vm.runInNewContext(`${blockWith('const userOf')}; userOf`);
  assert.deepEqual([{ userId: 7 }, { admin: 7, _as: 'adminSession' }].map(userOf), [7, 'admin 7']);
});
