'use strict';

/** What people paste into `open`: it is read in many forms, and no part of a value is shown without `--show`, whatever the form. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { answer } = require('../../lib/cli/open');
const { namesIn, toHeader } = require('../../lib/cli/pasted');
const { Keyring } = require('../../lib/engine');
const { Prng, seed } = require('../generate/prng');
const { cli } = require('../support/cli');
const vectors = require('../vectors/sealed_v1.json');

const NAME = 'EGG_SESS';
const KEYS = ['a key of more than 16 bytes'];
const ring = new Keyring(KEYS);
const foreign = new Keyring(['another key of more than 16 bytes']);
const RUN = 12;
const DATE = 'Sun, 29 Nov 2026 16:52:38 GMT';

const prng = new Prng(seed);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const word = length => Array.from({ length }, () => ALPHABET[prng.below(ALPHABET.length)]).join('');
const uuid = () => Buffer.from(Array.from({ length: 16 }, () => prng.below(256))).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const session = () => JSON.stringify({ a: word(prng.below(120)), _expire: 9e12, _maxAge: 1000 });

/** Each makes the cookies of one session: their values by what stands behind the name. */
const FORMATS = {
  'a sealed session': (keyring, name) => ({ '': keyring.sealSealed(name, session()).value }),
  'an encrypted session': (keyring, name) => ({ '': keyring.seal('encrypted', name, session()).value }),
  'a signed session': (keyring, name) => signed(keyring.seal('signed', name, session())),
  'a session that Koa signed': (keyring, name) => signed(keyring.seal('signed-sha1', name, session())),
  'an unsigned session': (keyring, name) => ({ '': keyring.seal('plain', name, session()).value }),
  'an encrypted external key': (keyring, name) => ({ '': keyring.sealValue('encrypted', name, uuid()).value }),
  'a signed external key': (keyring, name) => signed(keyring.sealValue('signed', name, uuid())),
  'an unsigned external key': () => ({ '': uuid() }),
};
const signed = ({ value, signature }) => ({ '': value, '.sig': signature });

const pairs = (name, values) => Object.entries(values).map(([suffix, value]) => [name + suffix, value]);
const assigned = (name, values, equals = '=') => pairs(name, values).map(([key, value]) => `${key}${equals}${value}`);
const field = (name, label, value) => ({ name: label, value });

const FORMS = {
  'a Cookie header': (name, values) => `Cookie: x=1; ${assigned(name, values).join('; ')}; y=2`,
  'the value of a Cookie header': (name, values) => assigned(name, values).join('; '),
  'Set-Cookie lines': (name, values) => assigned(name, values).map(pair => `Set-Cookie: ${pair}; path=/; expires=${DATE}; httponly`).join('\n'),
  'lines with attributes': (name, values) => assigned(name, values).map(pair => `${pair}; path=/; expires=${DATE}; secure; httponly`).join('\n'),
  'what curl -v sent': (name, values) => `* Connected to localhost\n> GET / HTTP/1.1\n> Host: localhost\n> Cookie: ${assigned(name, values).join('; ')}\n>`,
  'what curl -v received': (name, values) => [
    '< HTTP/1.1 200 OK',
    ...pairs(name, values).flatMap(([key, value]) => [`* Added cookie ${key}="${value}" for domain localhost, path /, expire 0`, `< set-cookie: ${key}=${value}; path=/; httponly`]),
    '< Date: today',
  ].join('\n'),
  'what curl -i printed': (name, values) => `HTTP/1.1 200 OK\nContent-Type: text/html\n${assigned(name, values).map(pair => `Set-Cookie: ${pair}; path=/`).join('\n')}`,
  'a command of curl, with -H': (name, values) => `curl 'http://localhost/' \\\n  -H 'Accept: */*' \\\n  -H 'Cookie: ${assigned(name, values).join('; ')}' \\\n  --compressed`,
  'a command of curl, with -b': (name, values) => `curl 'http://localhost/' -H 'accept: */*' -b '${assigned(name, values).join('; ')}'`,
  'the cookie jar of curl': (name, values) => `# Netscape HTTP Cookie File\n${pairs(name, values).map(([key, value]) => `#HttpOnly_localhost\tFALSE\t/\tFALSE\t0\t${key}\t${value}`).join('\n')}`,
  'rows of a table': (name, values) => pairs(name, values).map(([key, value]) => `${key}\t${value}\tlocalhost\t/\tSession\t140\t✓\t\t\tMedium`).join('\n'),
  'members of a browser': (name, values) => `${pairs(name, values).map(([key, value]) => `${key}:"${value}"`).join('\n')}\nCreated:"today"\nHttpOnly:true`,
  'JSON of a HAR file': (name, values) => JSON.stringify({ log: { entries: [{ request: { cookies: pairs(name, values).map(([key, value]) => field(name, key, value)) } }] } }, null, 2),
  'JSON of header fields': (name, values) => JSON.stringify([field(name, 'Host', 'localhost'), field(name, 'Cookie', assigned(name, values).join('; '))]),
  'JSON of Set-Cookie fields': (name, values) => JSON.stringify({ headers: { 'set-cookie': assigned(name, values).map(pair => `${pair}; path=/`) } }),
  'JSON of response cookies': (name, values) => JSON.stringify({ 'Response Cookies': Object.fromEntries(pairs(name, values).map(([key, value]) => [key, { httpOnly: true, path: '/', value }])) }),
  'JSON of names and values': (name, values) => JSON.stringify(Object.fromEntries(pairs(name, values))),
  'the value': (name, values) => Object.values(values).join('\n'),
  'the value with attributes': (name, values) => Object.values(values).map(value => `${value}; path=/; httponly`).join('\n'),
  'the value in quotes': (name, values) => Object.values(values).map(value => `"${value}"`).join('\n'),
  'the value in single quotes': (name, values) => Object.values(values).map(value => `'${value}'`).join('\n'),
  'the value, percent-encoded': (name, values) => Object.values(values).map(value => value.replace(/=/g, '%3D')).join('\n'),
  'the value, and its signature by name': (name, { '': value, ...rest }) => [value, ...assigned(name, rest)].join('\n'),
  'the value, and its signature by name on one line': (name, { '': value, ...rest }) => [value, ...assigned(name, rest)].join(' '),
};

/** Each harms a text. What comes of it needs not open. */
const HARM = {
  'as it is': text => text,
  'with a newline': text => `${text}\n`,
  'with CRLF': text => `${text.replaceAll('\n', '\r\n')}\r\n`,
  'with tabs': text => `\t${text}\t`,
  'cut': text => text.slice(prng.below(text.length), text.length - prng.below(text.length >> 1)),
  'wrapped': text => text.replace(/.{24}/g, `$&${prng.pick(['\n', '=\n', '\\\n', ' '])}`),
  'quoted-printable': text => text.replace(/=/g, '=3D').replace(/.{72}/g, '$&=\n'),
  'in HTML': text => `<td>${text}</td>`,
  'in a sentence': text => `The cookie is '${text}', and it does not open.`,
  'without a name': text => text.replace(/EGG_SESS(?:\.sig)?=/g, ''),
  'with another name': text => text.replaceAll(NAME, 'OTHER'),
  'twice': text => `${text}=x; ${text}`,
  'with equals signs': text => text.replace(/;/g, '='),
  'with the spaces gone': text => text.replace(/\s/g, ''),
};

/** @param {string} output @param {string[]} values @returns {string | undefined} what it shows of them */
function shown(output, values) {
  for (const value of values) {
    for (let i = 0; i + RUN <= value.length; i++) if (output.includes(value.slice(i, i + RUN))) return value.slice(i, i + RUN);
  }
  return undefined;
}

for (const [format, make] of Object.entries(FORMATS)) {
  for (const [form, write] of Object.entries(FORMS)) {
    test(`${format} opens: ${form}`, () => {
      for (const [claim, harm] of Object.entries(HARM).slice(0, 4)) {
        const text = harm(write(NAME, make(ring, NAME)));
        const { code, output } = answer(text, ring, 1, { name: NAME });
        assert.equal(code, 0, `${claim}: ${text}\n${output}`);
        const json = JSON.parse(answer(text, ring, 1, { name: NAME, json: true }).output);
        assert.equal(json.format, { sealed: 'sealed-v1', encrypted: 'encrypted', signed: 'signed', Koa: 'signed-sha1', unsigned: 'unsigned' }[/sealed|encrypted|Koa|unsigned|signed/.exec(format)[0]]);
      }
    });
  }
}

test('a session in pieces opens in each form that has names', () => {
  const { cookies, appKeys } = vectors.pieces[0];
  const values = Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name.slice(NAME.length), value]));
  for (const [form, write] of Object.entries(FORMS).filter(([name]) => !name.startsWith('the value') || name.includes('header'))) {
    const { reason, pieces } = JSON.parse(answer(write(NAME, values), new Keyring(appKeys), 1, { name: NAME, json: true }).output);
    assert.ok(reason === null || reason === 'expired', `${form}: ${reason}`);
    assert.equal(pieces, Object.keys(cookies).length, form);
  }
});

test(`no ${RUN} characters of a value are shown, harmed as the text may be, seed ${seed}`, () => {
  const counts = { opened: 0, absent: 0 };
  for (let i = 0; i < 40; i++) {
    for (const make of Object.values(FORMATS)) {
      for (const write of Object.values(FORMS)) {
        const values = make(prng.pick([ring, foreign]), prng.pick([NAME, 'OTHER']));
        const [claim, harm] = prng.pick(Object.entries(HARM));
        const text = harm(write(prng.pick([NAME, NAME, 'OTHER']), values));
        for (const json of [false, true]) {
          const { code, output } = answer(text, ring, 1, { name: NAME, json, otherNames: prng.pick([[], ['THIRD']]) });
          const secrets = Object.values(values).flatMap(value => [value, value.replace(/=/g, '%3D')]);
          const run = shown(output, secrets);
          assert.equal(run, undefined, `${claim}: ${text}\n${output}`);
          if (code === 0) counts.opened++;
          if (output.includes('no cookie of the name')) counts.absent++;
        }
      }
    }
  }
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 50, `${what}: ${count}`);
});

describe('the command itself shows no part of a value', () => {
  const { value, signature } = ring.seal('signed', NAME, session());
  const encrypted = ring.seal('encrypted', NAME, session()).value;
  for (const [claim, text] of [
    ['an encrypted value with attributes', `${encrypted}; path=/; httponly`],
    ['a value and its signature on two lines', `${value}\n${signature}\n`],
    ['a value and its signature with attributes', `${value}; path=/\n${NAME}.sig=${signature}; path=/`],
    ['what curl -v printed', `> Cookie: OTHER=${encrypted}\n< Set-Cookie: ${value}; path=/`],
  ]) {
    for (const args of [[], ['--json']]) {
      test([claim, ...args].join(' '), () => {
        const { stdout, stderr } = cli(['open', '--name', NAME, ...args], { input: text, env: { EGG_SESSION_KEYS: KEYS[0] } });
        assert.notEqual(stdout, '');
        assert.equal(shown(stdout + stderr, [value, signature, encrypted]), undefined, stdout);
      });
    }
  }
});

describe('names in an answer', () => {
  for (const [claim, header, names] of [
    ['of cookies', 'a=1; connect.sid=s%3Ax; __Host-b=2', ['a', 'connect.sid', '__Host-b']],
    ['each once', 'a=1; a=2', ['a']],
    ['no value with padding', `${'A'.repeat(20)}==; a=1`, ['a']],
    ['no value with padding in quotes, quoted-printable or percent-encoded', `'${'A'.repeat(20)}='; ${'B'.repeat(20)}=3D; ${'C'.repeat(20)}=%3D`, []],
    ['no sealed value', 'v1=abcdef', []],
    ['nothing that is no token', '\u001b[2J=2; a b=1; "c=1', []],
    ['nothing longer than 64 characters', `${'a'.repeat(64)}=1; ${'b'.repeat(65)}=1`, ['a'.repeat(64)]],
    ['no id that is joined to a name', '0e7b5f1a-4b5c-4d6e-8f70-123456789abcEGG_SESS.sig=x', []],
    ['nothing that is a part of a value', `${'A'.repeat(20)}=x; b=${'A'.repeat(30)}`, ['b']],
    ['fifty at most', Array.from({ length: 60 }, (_, i) => `n${i}=1`).join(';'), Array.from({ length: 50 }, (_, i) => `n${i}`)],
  ]) {
    test(claim, () => assert.deepEqual(namesIn(header), names));
  }
});

test('a cookie of another name is absent, and no attribute is taken for a cookie', () => {
  const { output } = answer('Set-Cookie: OTHER=1; path=/; httponly\nTHIRD=2; domain=x.example; secure', ring, 1, { name: NAME });
  assert.match(output, /there are: OTHER, THIRD$/m);
});

test('large texts take no second', () => {
  const start = performance.now();
  for (const text of [
    ' '.repeat(250_000), `a${' '.repeat(250_000)}b`, 'a='.repeat(125_000), 'a=1;'.repeat(60_000), 'a\n'.repeat(125_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `curl ${'-H '.repeat(80_000)}`, `${'x'.repeat(20)}=1;`.repeat(10_000), '\t'.repeat(250_000), '"'.repeat(250_000), `${NAME}=`.repeat(25_000),
  ]) namesIn(toHeader(text, NAME, ['OTHER']));
  assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
});
