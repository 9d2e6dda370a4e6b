'use strict';

/** Which engine runs: the native one, the portable one in its place, or what EGG_SESSION_ENGINE says. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const ENGINE = path.join(__dirname, '../../lib/engine');
const REPORT = `
  try {
    const { name, reason, Keyring } = require(process.argv[1]);
    console.log(JSON.stringify({ name, reason, opens: typeof new Keyring(['k']).open }));
  } catch (err) {
    console.log(JSON.stringify({ code: err.code, message: err.message }));
  }
`;

/** @param {string} engine path of lib/engine @param {string} [wanted] value of EGG_SESSION_ENGINE */
function load(engine, wanted) {
  const env = { ...process.env };
  delete env.EGG_SESSION_ENGINE;
  if (wanted !== undefined) env.EGG_SESSION_ENGINE = wanted;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', REPORT, engine], { env, encoding: 'utf8' });
  assert.strictEqual(stderr, '');
  return JSON.parse(stdout);
}

/** Runs the work on a copy of lib/engine that has no binary beside it. @param {(engine: string) => void} work */
function withoutBinary(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'egg-session-native-'));
  try {
    fs.cpSync(path.join(ENGINE, '..'), path.join(folder, 'lib'), { recursive: true });
    work(path.join(folder, 'lib/engine'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('the native engine is chosen where its binary loads', () => {
  assert.deepStrictEqual(load(ENGINE), { name: 'native', opens: 'function' });
  assert.deepStrictEqual(load(ENGINE, ''), { name: 'native', opens: 'function' });
});

test('EGG_SESSION_ENGINE decides', () => {
  assert.deepStrictEqual(load(ENGINE, 'native'), { name: 'native', opens: 'function' });
  assert.deepStrictEqual(load(ENGINE, 'portable'), { name: 'portable', opens: 'function' });
});

test('any other EGG_SESSION_ENGINE is refused', () => {
  for (const wanted of ['Native', 'rust', '1']) {
    const { code, message } = load(ENGINE, wanted);
    assert.strictEqual(code, 'ERR_SESSION_ENGINE');
    assert.match(message, new RegExp(`'native' or 'portable' .* '${wanted}'`));
  }
});

test('the portable engine stands in where no binary is, and says why', () => {
  withoutBinary(engine => {
    const { name, reason, opens } = load(engine);
    assert.deepStrictEqual({ name, opens }, { name: 'portable', opens: 'function' });
    for (const part of [process.platform, process.arch, process.version, 'egg-session-native']) assert.ok(reason.includes(part), reason);
    assert.match(reason, /tried .*not found/);
    if (process.platform === 'linux') assert.match(reason, /glibc \d|musl/);
  });
});

test('the portable engine stands in where the binary is broken, and says why', () => {
  withoutBinary(engine => {
    const files = load(engine).reason.match(/egg-session-native\.[\w-]+\.node/g);
    for (const file of files) fs.writeFileSync(path.join(engine, '../..', file), 'no binary');
    const { name, reason } = load(engine);
    assert.strictEqual(name, 'portable');
    for (const file of files) {
      const told = reason.slice(reason.indexOf(file) + file.length).split(';')[0];
      assert.match(told, /^: ./);
      assert.doesNotMatch(told, /not found/);
    }
  });
});

test('EGG_SESSION_ENGINE=native fails where no binary is', () => {
  withoutBinary(engine => {
    const { code, message } = load(engine, 'native');
    assert.strictEqual(code, 'ERR_SESSION_ENGINE');
    assert.match(message, /tried .*not found/);
    assert.deepStrictEqual(load(engine, 'portable'), { name: 'portable', opens: 'function' });
  });
});
