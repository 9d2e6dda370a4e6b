'use strict';

// Records what the engine must reproduce, for the Rust unit tests: `node __test__/vectors/record_engine.js`.
//   engine_evp_bytes_to_key.tsv  app key, AES key, IV        by `openssl enc -P`
//   engine_node_base64.tsv       UTF-16 units, bytes         by Node's Buffer.from(string, 'base64')
//   engine_egg_cookies.tsv       app key, text, encrypted value, signed value, signature
//                                by koa-session's encoding and egg-cookies' Keygrip, cookie name EGG_SESS
//   engine_koa_cookies.tsv       app key, text, value, signature
//                                by koa-session's encoding and cookies with Keygrip, cookie name EGG_SESS
//   engine_keygrips.tsv          app key of any bytes, message, encrypted bytes, HMAC-SHA256 and HMAC-SHA1
//                                by egg-cookies' Keygrip, and the last by Koa's
// Everything but cookie values is hex, so that no editor can change it. Needs the `openssl` program.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const Cookies = require('cookies');
const Keygrip = require('egg-cookies/lib/keygrip');
const KoaKeygrip = require('keygrip');
const koaSession = require('koa-session/lib/util');

/** @param {string} file @param {string} source @param {string[][]} rows */
function write(file, source, rows) {
  const lines = [`# ${source}`, ...rows.map(row => row.join('\t'))];
  fs.writeFileSync(path.join(__dirname, file), `${lines.join('\n')}\n`);
}

/** @param {string} text */
const utf8Hex = text => Buffer.from(text).toString('hex');
/** @param {string} text */
const unitsHex = text => Buffer.from(text, 'utf16le').swap16().toString('hex');
/** @param {string} name */
const versionOf = name => `${name}@${require(`${name}/package.json`).version}`;

const appKeys = ['k', 'keys', 'a key of forty characters, give or take a.', '密钥', 'clé ü', 'x'.repeat(200)];

function recordDerivation() {
  const rows = appKeys.map(appKey => {
    const printed = execFileSync('openssl', ['enc', '-aes-256-cbc', '-md', 'md5', '-nosalt', '-pass', `pass:${appKey}`, '-P'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [, key, iv] = /key=([0-9A-F]{64})\s+iv\s*=([0-9A-F]{32})/.exec(printed);
    return [utf8Hex(appKey), key.toLowerCase(), iv.toLowerCase()];
  });
  write('engine_evp_bytes_to_key.tsv', execFileSync('openssl', ['version'], { encoding: 'utf8' }).trim(), rows);
}

function recordBase64() {
  const strings = [
    '', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy', // RFC 4648 section 10
    'Zg', 'Zg=', 'Zm8', 'Zm9vY', 'Zm9vYg', '=', '==', '====', '=Zm9v', 'Zm9v=', 'Zm9v==Zm9v', 'Zm=9v', 'Z===', 'Z',
    'Zm 9v', ' Zm9v ', 'Zm\n9v\r\n', 'Zm9v\tYg = =', 'Zm9v.YmFy', 'Zm9v,!?Yg==', '!!!', '\0Zm9v\0', 'Zm9vYg= =Zm9v',
    '+/+/', '-_-_', '+_-/', 'ab+-', '/_==', 'Zh==', 'Zm9=', 'Z/', 'Z_', 'AAAA!AAA', '!AAAAAAA', 'AAAAAAA!', '!A!A!A!A!A!',
    '\u0141\u0142', 'Zm9\u0176', 'Zm\u013d9v', '\u2014Zm9v', 'Zm9v\ufffd', '\u{1f600}Zm9v', '\ud83dZm9v', 'Zm9v\ude41', '\ud841\udc42',
    'é'.repeat(5), 'Zé'.repeat(9), '\u00ff\u0100\u0101', `${'Zm9vYmFy'.repeat(40)}Zg==`, `${'Zm9vYmFy'.repeat(40)} Zg`,
    `${'-_'.repeat(100)}+`, `${'QUJD'.repeat(33)}é${'QUJD'.repeat(33)}`, `${'QUJD'.repeat(33)}=${'QUJD'.repeat(33)}`,
  ];
  write('engine_node_base64.tsv', `Node.js ${process.version}`, strings.map(text => [unitsHex(text), Buffer.from(text, 'base64').toString('hex')]));
}

const sessions = [
  {}, { _expire: 1764979200000, _maxAge: 86400000 }, { user: { id: 1, name: '小明' }, 'é': 'ü😀', _session: true },
  { pad: 'x'.repeat(13) }, { pad: 'x'.repeat(300), nested: [1, [2.5e21, null, { deep: '\u2028' }]] }, { lone: '\ud83d' },
];

function recordCookies() {
  const rows = appKeys.flatMap(appKey => sessions.map(session => {
    const keygrip = new Keygrip([appKey]);
    const value = koaSession.encode(session);
    // what egg-cookies makes of the encrypted bytes
    const encrypted = keygrip.encrypt(value).toString('base64').replace(/\+/g, '-').replace(/\//g, '_');
    return [utf8Hex(appKey), utf8Hex(JSON.stringify(session)), encrypted, value, keygrip.sign(`EGG_SESS=${value}`)];
  }));
  write('engine_egg_cookies.tsv', `${versionOf('egg-cookies')}, ${versionOf('koa-session')}`, rows);
}

/** @param {string} appKey @param {string} value @returns {string} the signature that cookies sends with the value */
function signedByKoa(appKey, value) {
  /** @type {Record<string, string[]>} */
  const headers = {};
  const response = { getHeader: name => headers[name], setHeader: (name, lines) => { headers[name] = lines; } };
  const cookies = new Cookies({ headers: {}, socket: {} }, response, { keys: new KoaKeygrip([appKey]) });
  cookies.set('EGG_SESS', value, { signed: true });
  const [, signature] = /^EGG_SESS\.sig=([^;]*);/.exec(headers['Set-Cookie'][1]);
  return signature;
}

function recordKoaCookies() {
  const rows = appKeys.flatMap(appKey => sessions.map(session => {
    const value = koaSession.encode(session);
    return [utf8Hex(appKey), utf8Hex(JSON.stringify(session)), value, signedByKoa(appKey, value)];
  }));
  write('engine_koa_cookies.tsv', `${versionOf('cookies')}, ${versionOf('keygrip')}, ${versionOf('koa-session')}`, rows);
}

function recordKeygrips() {
  // around the block of SHA-1 and SHA-256, behind which HMAC hashes its key
  const lengths = [1, 2, 16, 32, 63, 64, 65, 300];
  const byteKeys = [Buffer.from([0]), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('a string'),
    ...lengths.map(length => Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length) & 0xff)))];
  const messages = ['', 'EGG_SESS=', 'EGG_SESS=eyJhIjoxfQ==', '名=ü😀', 'x'.repeat(200)];
  const rows = byteKeys.flatMap(key => messages.map(message => {
    const keygrip = new Keygrip([key]);
    const signatures = [keygrip.sign(message), new KoaKeygrip([key]).sign(message)];
    return [key.toString('hex'), utf8Hex(message), keygrip.encrypt(message).toString('hex'), ...signatures];
  }));
  write('engine_keygrips.tsv', `${versionOf('egg-cookies')}, ${versionOf('keygrip')}`, rows);
}

recordDerivation();
recordBase64();
recordCookies();
recordKoaCookies();
recordKeygrips();
