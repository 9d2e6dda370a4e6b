'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const ts = require('typescript');
const egg = require('..');

const ROOT = path.join(__dirname, '..');
const USAGE = path.join(__dirname, 'types');

/**
 * @param {string[]} args
 * @returns {Promise<string>} what the compiler complains about; empty when it does not
 */
function tsc(...args) {
  return new Promise(resolve => {
    execFile(process.execPath, [require.resolve('typescript/bin/tsc'), '--pretty', 'false', ...args], (err, stdout, stderr) => {
      resolve(err ? stdout + stderr || String(err) : '');
    });
  });
}

/** Every usage file holds lines that must not compile, each under a `@ts-expect-error`. */
function usageCompiles(/** @type {string} */ project) {
  return async () => {
    assert.equal(await tsc('-p', path.join(USAGE, `tsconfig.${project}.json`)), '');
  };
}

test('an Egg 3 app and a Koa app compile, and misuse in them does not', usageCompiles('egg3'));
test('an Egg 3 app keeps the session types that it declared itself', usageCompiles('egg3_own_types'));
test('an Egg 4 app compiles, and misuse in it does not', usageCompiles('egg4'));
test('an Egg 4 app keeps the session types that it declared itself', usageCompiles('egg4_own_types'));

/**
 * @param {{ files: string[], types: string[] }} app files of the usage folder, and the @types packages that there are
 * @returns {Promise<string>} what the compiler complains about
 */
async function compileElsewhere({ files, types }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'types-'));
  try {
    const modules = path.join(folder, 'node_modules');
    fs.mkdirSync(path.join(modules, 'egg-session-native'), { recursive: true });
    for (const file of ['package.json', 'index.d.ts', 'store-tests.d.ts']) {
      fs.copyFileSync(path.join(ROOT, file), path.join(modules, 'egg-session-native', file));
    }
    fs.mkdirSync(path.join(modules, '@types'));
    for (const name of types) {
      fs.symlinkSync(path.join(ROOT, 'node_modules', '@types', name), path.join(modules, '@types', name), 'junction');
    }
    for (const file of files) fs.copyFileSync(path.join(USAGE, file), path.join(folder, file));
    return await tsc(
      '--strict', '--noEmit', '--module', 'node16', '--target', 'es2022', '--types', types.join(','),
      ...files.map(file => path.join(folder, file)),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('a Koa app without any types of Egg compiles', async () => {
  assert.equal(await compileElsewhere({ files: ['koa.ts', 'koa.mts'], types: ['node', 'koa'] }), '');
});

test('an app without types of Egg or Koa compiles', async () => {
  assert.equal(await compileElsewhere({ files: ['engine.ts', 'stores.ts', 'store_tests.ts'], types: ['node'] }), '');
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
    'Keyring', 'MemcachedStore', 'RedisStore', 'Revocations', 'SqliteStore', 'createSession', 'diff', 'engine', 'merge', 'resolveStore',
    'sessionId',
  ]);
  const imported = await import('../index.js');
  for (const name of values) {
    assert.ok(Reflect.get(egg, name), `require: ${name}`);
    assert.equal(Reflect.get(imported, name), Reflect.get(egg, name), `import: ${name}`);
  }
  assert.equal(imported.default, egg);
});

test('Keyring and Session have the methods that the types promise', () => {
  const ring = new egg.Keyring(['key']);
  for (const name of instance('Keyring')) assert.equal(typeof Reflect.get(ring, name), 'function', name);

  const { Session } = require('../lib/session');
  const promised = instance('SessionBase').filter(name => name !== 'isNew');
  assert.deepEqual(promised.filter(name => !(name in Session.prototype)), []);
});
