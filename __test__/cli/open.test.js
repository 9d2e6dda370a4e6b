'use strict';

/** `npx egg-session-native key` and `open`: what they print, which exit code they give, and what they never print. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Keyring } = require('../../lib/engine');
const { cli } = require('../support/cli');

const NAME = 'EGG_SESS';
const KEYS = ['a newest key of 26 bytes..', 'an older key of 25 bytes.'];
const SECRET = 'swordfish';
const env = { EGG_SESSION_KEYS: JSON.stringify(KEYS) };
const old = new Keyring([KEYS[1]]);
const createdAtMs = Date.UTC(2026, 0, 2);
const expiresAtMs = Date.UTC(2226, 0, 2);
const session = JSON.stringify({ user: SECRET, list: [1, 2], _expire: Date.UTC(2225, 0, 2), _maxAge: 1000 });
const sealed = old.sealSealed(NAME, session, { createdAtMs, expiresAtMs, id: 'the id' }).value;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-cli-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fileOf = text => {
  const file = path.join(folder, `keys-${files++}`);
  fs.writeFileSync(file, text);
  return file;
};
const open = (input, args = [], options = {}) => cli(['open', '--name', NAME, ...args], { input, env, ...options });
const report = (...args) => JSON.parse(open(args[0], ['--json', ...(args[1] || [])], args[2]).stdout);

test('key prints 32 random bytes in base64url, on one line, another each time', () => {
  const keys = [cli(['key']), cli(['key'])].map(({ code, stdout, stderr }) => {
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^[\w-]{43}\n$/);
    return stdout;
  });
  assert.notEqual(keys[0], keys[1]);
});

for (const engine of ['native', 'portable']) {
  test(`a sealed session on the ${engine} engine: format, key, times, members and sizes`, () => {
    const { code, stdout } = open(sealed, ['--json'], { env: { ...env, EGG_SESSION_ENGINE: engine } });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), {
      opened: true, reason: null, explanation: null, name: NAME, format: 'sealed-v1', pieces: 1, key: 1, keys: 2,
      holds: 'session', bytes: Buffer.byteLength(session), began: '2026-01-02T00:00:00.000Z', saved: '2225-01-01T23:59:59.000Z',
      ends: '2225-01-02T00:00:00.000Z', members: [{ name: 'user', bytes: 11 }, { name: 'list', bytes: 5 }],
    });
  });
}

test('for people it is a table', () => {
  const { code, stdout } = open(sealed);
  assert.equal(code, 0);
  for (const line of [/^opens +yes$/m, /^format +sealed v1/m, /^key +1 of 2 keys, an older one$/m, /^began +2026-01-02T/m, /^ends +2225-01-02T/m, /^members +"user" {2}11 bytes$/m]) {
    assert.match(stdout, line);
  }
});

test('values and the id are shown with --show only', () => {
  for (const args of [[], ['--json']]) {
    const { stdout } = open(sealed, args);
    assert.ok(!stdout.includes(SECRET) && !stdout.includes('the id'), stdout);
    const shown = open(sealed, [...args, '--show']).stdout;
    assert.ok(shown.includes(SECRET) && shown.includes('the id'), shown);
  }
  assert.deepEqual(report(sealed, ['--show']).value, JSON.parse(session));
});

test('an external key is shown with --show only', () => {
  const id = '0e7b5f1a-4b5c-4d6e-8f70-123456789abc';
  const { value } = old.sealValue('encrypted', NAME, id);
  assert.equal(report(value).holds, 'external key or custom text');
  assert.ok(!open(value).stdout.includes(id));
  assert.equal(report(value, ['--show']).value, id);
});

test('a session until the browser closes', () => {
  assert.equal(report(old.sealSealed(NAME, '{"a":1,"_session":true}').value).ends, 'with the browser');
});

describe('keys', () => {
  for (const [claim, text] of [
    ['one a line', `${KEYS.join('\n')}\n`],
    ['one a line, with CRLF', `${KEYS.join('\r\n')}\r\n`],
    ['a JSON array', JSON.stringify(KEYS, null, 2)],
    ['a JSON array of Buffers', JSON.stringify(KEYS.map(key => Buffer.from(key)))],
  ]) {
    test(`from a file: ${claim}`, () => {
      assert.equal(report(sealed, ['--keys-file', fileOf(text)], { env: {} }).key, 1);
    });
    test(`from the environment: ${claim}`, () => assert.equal(report(sealed, [], { env: { EGG_SESSION_KEYS: text } }).key, 1));
  }

  test('a file comes before the environment', () => {
    assert.equal(report(sealed, ['--keys-file', fileOf(KEYS[1])], { env: { EGG_SESSION_KEYS: 'another' } }).key, 0);
  });
});

describe('wrong use: exit code 2, and nothing secret is said', () => {
  for (const [claim, args, options, told] of [
    ['no command', [], {}, /key, open, doctor/],
    ['an unknown command', [SECRET], {}, /key, open, doctor/],
    ['a method of objects as command', ['toString'], {}, /key, open, doctor/],
    ['--key', ['open', '--name', NAME, '--key', SECRET], { env }, /`--keys-file` or EGG_SESSION_KEYS/],
    ['--keys=', ['open', '--name', NAME, `--keys=${SECRET}`], { env }, /history/],
    ['a cookie on the command line', ['open', '--name', NAME, SECRET], { env }, /standard input only/],
    ['--cookie', ['open', '--name', NAME, '--cookie', SECRET], { env }, /history/],
    ['an unknown option', ['open', '--name', NAME, `--${SECRET}`], { env }, /--keys-file/],
    ['no name', ['open'], { env, input: 'x' }, /--name/],
    ['no keys', ['open', '--name', NAME], { input: 'x' }, /EGG_SESSION_KEYS/],
    ['no file', ['open', '--name', NAME, '--keys-file', path.join(folder, 'absent')], { input: 'x' }, /ENOENT/],
    ['an empty file', ['open', '--name', NAME, '--keys-file', fileOf('')], { input: 'x' }, /no keys/],
    ['keys that are cut', ['open', '--name', NAME], { input: 'x', env: { EGG_SESSION_KEYS: `["${SECRET}` } }, /JSON array/],
    ['keys that are no strings', ['open', '--name', NAME], { input: 'x', env: { EGG_SESSION_KEYS: `["${SECRET}", 7]` } }, /\[1\] but received number/],
    ['no input', ['open', '--name', NAME], { env }, /standard input/],
    ['too much input', ['open', '--name', NAME], { env, input: SECRET.repeat(30_000) }, /262144 bytes/],
    ['no folder', ['doctor', path.join(folder, 'absent')], {}, /does not exist/],
    ['an argument of key', ['key', SECRET], {}, /too many/],
  ]) {
    test(claim, () => {
      const { code, stdout, stderr } = cli(args, options);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, told);
      assert.ok(!stderr.includes(SECRET), stderr);
    });
  }
});

describe('what does not open: exit code 1, and why', () => {
  for (const [claim, input, args, reason, told] of [
    ['expired', old.sealSealed(NAME, session, { expiresAtMs: 1000 }).value, [], 'expired', /^opens +no\. expired/m],
    ['altered', sealed.replace(/.{8}$/, 'AAAAAAAA'), [], 'refused', /wrong key, wrong name or altered/],
    ['under another given name', old.sealSealed('OLD', session).value, ['--name', 'OLD'], 'other-name', /under another given name: it opens as OLD/],
    ['a piece missing', 'v1=2.7tPUE3yn9KNH1HLsm8xpjEL9', [], 'piece-missing', /a piece is missing: EGG_SESS\.1/],
    ['malformed', 'v1=abc', [], 'malformed', /malformed/],
    ['unknown', 'v2.abc', [], 'unknown-format', /format unknown/],
    ['absent', 'OTHER=1; \u001b[2J=2', [], 'absent', /there are: OTHER$/m],
    ['a first piece missing', `${NAME}.2=7tPUE3yn.KNH1HLsm8xpjEL9`, [], 'piece-missing', /a piece is missing: EGG_SESS, EGG_SESS\.1\./],
    ['a cookie that is no piece', `${NAME}.2=7tPUE3yn`, [], 'absent', /there are: EGG_SESS\.2$/m],
  ]) {
    test(claim, () => {
      const { code, stdout } = open(input, args);
      assert.equal(code, 1);
      assert.match(stdout, told);
      const json = open(input, [...args, '--json']);
      assert.equal(json.code, 1);
      assert.equal(JSON.parse(json.stdout).reason, reason);
    });
  }

  test('an expired session tells when it ended', () => {
    assert.equal(report(old.sealSealed(NAME, '{"a":1}', { expiresAtMs: 1000 }).value).ends, '1970-01-01T00:00:01.000Z');
  });
});

test('what a cookie holds cannot steer the terminal', () => {
  const text = JSON.stringify({ '\u009b2J\u202e': '\u001b[2J\u200f', ok: 1 });
  const { stdout } = open(Buffer.from(text).toString('base64'), ['--show']);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u202e]/);
  const json = open(Buffer.from(text).toString('base64'), ['--show', '--json']).stdout;
  assert.deepEqual(JSON.parse(json).value, JSON.parse(text));
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(json, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u202e]/);
});

test('hostile times and depths are told or left out', () => {
  const unsigned = json => Buffer.from(json).toString('base64');
  assert.equal(report(unsigned('{"a":1,"_expire":1e300,"_maxAge":{}}')).ends, null);
  assert.equal(report(unsigned('{"a":1,"_createdAt":"x","_expire":9e99}')).began, null);
  const deep = unsigned(`{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`);
  for (const args of [[], ['--json'], ['--show'], ['--show', '--json']]) assert.equal(open(deep, args).code, 0, args.join(' '));
});

test('help names every command and every exit code', () => {
  for (const args of [['--help'], ['open', '--help'], ['help']]) {
    const { code, stdout } = cli(args);
    assert.equal(code, 0);
    for (const word of ['key', 'open --name', 'doctor', '0 all well', '2 wrong use']) assert.ok(stdout.includes(word), word);
  }
});
