'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const ts = require('typescript');
const egg = require('../..');
const { TypedApp } = require('../support/typed_app');

const ROOT = path.join(__dirname, '../..');

test('a Koa app without any types of Egg compiles', async () => {
  const app = new TypedApp({ types: ['node', 'koa'] });
  try {
    assert.equal(await app.compile(['koa.ts', 'koa.mts'], 'CommonJS', { skipLibCheck: false }), '');
  } finally {
    app.remove();
  }
});

test('an app without types of Egg or Koa compiles', async () => {
  const app = new TypedApp();
  try {
    assert.equal(await app.compile(['channels.ts', 'engine.ts', 'stores.ts', 'store_tests.ts'], 'CommonJS', { skipLibCheck: false }), '');
  } finally {
    app.remove();
  }
});

/** Names and shapes that index.d.ts declares, by way of the compiler. */
const { values, instance } = (() => {
  const file = path.join(ROOT, 'index.d.ts');
  const program = ts.createProgram([file], { types: ['node'] });
  const checker = program.getTypeChecker();
  const source = /** @type {ts.SourceFile} */ (program.getSourceFile(file));
  const module = /** @type {ts.Symbol} */ (checker.getSymbolAtLocation(source));
  const exported = checker.getExportsOfModule(module);
  /** @param {string} name */
  const instance = name => {
    const symbol = exported.find(candidate => candidate.name === name);
    assert.ok(symbol, name);
    return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).map(property => property.name);
  };
  const values = exported.filter(({ flags }) => flags & ts.SymbolFlags.Value || flags & ts.SymbolFlags.Alias).map(({ name }) => name);
  return { values, instance };
})();

test('every value that the types promise is there, for require and for import', async () => {
  assert.deepEqual([...values].sort(), [
    'Keyring', 'MemcachedStore', 'RedisStore', 'Revocations', 'SessionRegistry', 'SqliteStore', 'checkAccess', 'createSession', 'diff', 'engine', 'merge',
    'readSession', 'resolveStore', 'sessionId', 'status',
  ]);
  const imported = await import('../../index.js');
  for (const name of values) {
    assert.ok(Reflect.get(egg, name), `require: ${name}`);
    assert.equal(Reflect.get(imported, name), Reflect.get(egg, name), `import: ${name}`);
  }
  assert.equal(imported.default, egg);
});

test('Keyring and Session have the methods that the types promise', () => {
  const ring = new egg.Keyring(['key']);
  for (const name of instance('Keyring')) assert.equal(typeof Reflect.get(ring, name), 'function', name);

  const { Session } = require('../../lib/session/session');
  const promised = instance('SessionBase').filter(name => name !== 'isNew');
  assert.deepEqual(promised.filter(name => !(name in Session.prototype)), []);
});
