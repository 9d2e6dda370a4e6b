'use strict';

/** `npm run demo`: the lines for curl, and the answers that its page asks for. __test__/browser/demo.test.js plays the page itself. */

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { test, before, after } = require('node:test');
const { DemoProcess } = require('../support/demo_process');

const ROOT = path.join(__dirname, '../..');

const demo = new DemoProcess();
/** @type {string[]} */
let curlLines;
/** @type {string} */
let url;
/** @type {string} */
let jar;

before(async () => {
  await demo.start();
  url = demo.url;
  curlLines = demo.output.split('\n').map(line => line.trim()).filter(line => line.startsWith('curl '));
  jar = /-c (\S+)/.exec(curlLines[0])[1];
});

after(() => demo.stop());

/** @param {string} line as a person would paste it */
function run(line) {
  return JSON.parse(execFileSync(line, { shell: true, encoding: 'utf8', timeout: 20_000 }));
}

/** @param {string} where @param {object} body @param {Record<string, string>} [headers] */
function post(where, body, headers = {}) {
  return fetch(url + where, { method: 'POST', headers: { origin: url, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
}

/** @param {Response} response @returns {string} the Cookie header of a browser that got it */
const cookieOf = response => response.headers.getSetCookie().map(line => line.split(';')[0]).join('; ');

test('the three curl lines that `npm run demo` prints show a session at work', () => {
  assert.equal(curlLines.length, 3, demo.output);
  const [login, count, read] = curlLines;
  assert.deepEqual(run(login), { user: 'Ada' });
  assert.deepEqual(run(count), { user: 'Ada', count: 1 });
  assert.deepEqual(run(count), { user: 'Ada', count: 2 });
  assert.deepEqual(run(read), { user: 'Ada', count: 2, cart: [] });
});

test('it says what engine is at work, and it is the one that the tests ask for', () => {
  assert.match(demo.output, new RegExp(`${process.env.EGG_SESSION_ENGINE || '(native|portable)'} engine`));
});

test('its session is an encrypted cookie that hides the name', () => {
  const cookies = fs.readFileSync(jar, 'utf8');
  const [, value] = /SHOP_SESS\t(\S+)/.exec(cookies);
  assert.doesNotMatch(cookies, /SHOP_SESS\.sig/);
  assert.doesNotMatch(Buffer.from(value, 'base64').toString('latin1'), /Ada|user/);
});

test('the cart is kept, and logging out ends the session', () => {
  const curl = `curl -s -b ${jar} -c ${jar}`;
  assert.deepEqual(run(`${curl} -e ${url} -d item=tea ${url}/cart`), { cart: ['tea'] });
  assert.deepEqual(run(`${curl} -e ${url} --data-urlencode "item=<b>milk" ${url}/cart`), { cart: ['tea', '<b>milk'] });
  assert.deepEqual(run(`${curl} -e ${url} -d "" ${url}/logout`), { user: null });
  assert.deepEqual(run(`${curl} ${url}/session`), { user: null, count: 0, cart: [] });
});

test('no page of another site can make its buttons work, those of egg-session\'s cart neither', async () => {
  const posts = ['/login', '/logout', '/cart', '/demo/login', '/demo/count', '/demo/logout', '/demo/replay', '/demo/forgery/sign-up', '/demo/forgery/send',
    '/demo/cart/add?item=1', '/demo/cart/empty', '/demo/cost', '/demo/devices/log-in', '/demo/devices/end', '/demo/devices/end-others',
    '/egg-session/cart/add?item=1', '/egg-session/cart/empty'];
  for (const where of posts) {
    const response = await post(where, { name: 'Grace' }, { origin: 'http://elsewhere.example' });
    assert.equal(response.status, 403, where);
    assert.deepEqual(response.headers.getSetCookie(), [], where);
  }
  const source = fs.readFileSync(path.join(ROOT, 'example/app/router.js'), 'utf8');
  assert.deepEqual([...source.matchAll(/router\.post\('([^']+)'/g)].map(([, where]) => where).filter(where => !posts.some(each => each.split('?')[0] === where)), []);
  assert.match((await post('/login', { name: 'Grace' })).headers.get('set-cookie'), /^SHOP_SESS=.*samesite=lax/i);
});

test('it listens on loopback only', async () => {
  const port = Number(new URL(url).port);
  const others = Object.values(os.networkInterfaces()).flat().filter(({ family, internal }) => family === 'IPv4' && !internal);
  for (const { address } of others) {
    const socket = net.connect(port, address);
    await assert.rejects(new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject)), { code: 'ECONNREFUSED' });
    socket.destroy();
  }
});

test('the page comes in the browser\'s language, and every text is there in both', async () => {
  const [en, zh] = ['en', 'zh'].map(language => JSON.parse(fs.readFileSync(path.join(ROOT, `example/app/texts/${language}.json`), 'utf8')));
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  const placeholders = text => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual([...new Set(placeholders(zh[key]))], [...new Set(placeholders(en[key]))], key);
    if (!['otherLanguageName', 'cartOriginal'].includes(key)) assert.match(zh[key], /\p{Script=Han}/u, key);
    if (key !== 'otherLanguageName') assert.doesNotMatch(en[key], /\p{Script=Han}/u, key);
  }
  for (const [asked, language, where = '/'] of [
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'], ['zh-TW', 'zh'], ['en-GB,en', 'en'], ['fr', 'en'], ['de,zh;q=0.5', 'zh'], ['zh', 'en', '/?lang=en'], ['en', 'zh', '/?lang=zh'], ['en', 'en', '/?lang=constructor'],
  ]) {
    const response = await fetch(url + where, { headers: { 'accept-language': asked } });
    const page = await response.text();
    assert.ok(page.includes(`<html lang="${language}">`), asked);
    assert.doesNotMatch(page, /\{\{|undefined/);
    assert.match(response.headers.get('content-security-policy'), /default-src 'none'.*script-src 'self'/);
    assert.doesNotMatch(page.replace(/<script type="application\/json".*?<\/script>/s, ''), /https?:\/\/|<script>|style=/, 'nothing from elsewhere');
  }
});

test('what its forms are sent that they cannot use is refused, and hostile cookies open nothing', async () => {
  for (const [where, body] of Object.entries({
    '/demo/login': { name: 'x'.repeat(41) }, '/demo/replay': { cookie: 7 }, '/demo/forgery/sign-up': { name: 'short' },
    '/demo/forgery/send': { forgeable: 'a; b=c', unforgeable: 'x' }, '/demo/cart/add?item=__proto__': {}, '/egg-session/cart/add?item=-1': {},
    '/demo/devices/log-in': { name: 'Ada', device: 'constructor' },
  })) assert.equal((await post(where, body)).status, 422, where);
  for (const cookie of ['', ';;;', 'SHOP_SESS=\0\n', 'SEALED_SESS=v1=AAAA; SEALED_SESS.1=x', 'STORED_SESS=%', 'SIGNED_SESS=e30=; SIGNED_SESS.sig=x', `SHOP_SESS=${'A'.repeat(9000)}`]) {
    const response = await post('/demo/replay', { cookie });
    assert.deepEqual([response.status, await response.json()], [200, { encrypted: null, signed: null, sealed: null, stored: null }], cookie);
  }
  assert.equal((await post('/demo/count', {})).status, 401);
  assert.equal((await post('/demo/devices/end', { id: 'x' })).status, 401);
});

test('a forged cookie works in a request of its own, as the page\'s curl line sends it; the sealed one does not', async () => {
  for (let i = 0; ; i++) {
    assert.ok(i < 400, 'no nickname worked');
    const own = await (await post('/demo/forgery/sign-up', { name: `mallory-${String(i).padStart(20, '0')}` })).json();
    const bytes = Buffer.from(own.forgeable, 'base64');
    bytes[60 - 16] ^= 0x02;
    const sealed = Buffer.from(own.unforgeable.slice(3), 'base64url');
    sealed[29 + 45] ^= 0x08;
    const cookie = `FORGEABLE_SESS=${bytes.toString('base64')}; UNFORGEABLE_SESS=v1=${sealed.toString('base64url')}`;
    const answer = await (await fetch(`${url}/demo/forgery`, { headers: { cookie } })).json();
    assert.equal(answer.sealed, null);
    if (answer.encrypted === null) continue;
    assert.equal(answer.encrypted, 9001);
    break;
  }
});

test('a forged key opens no other session: the shop does not know it', async () => {
  const { forgeable } = await (await post('/demo/forgery/sign-up', { name: 'x'.repeat(28) })).json();
  const response = await post('/demo/replay', { cookie: `SHOP_SESS=${forgeable}; SIGNED_SESS=${forgeable}` });
  assert.deepEqual(Object.values(await response.json()), [null, null, null, null]);
});

test('who has only some of the four cookies, as after a restart of the demo, is asked to log in', async () => {
  const cookies = cookieOf(await post('/demo/login', { name: 'Ada' }));
  const userWith = async cookie => (await (await fetch(`${url}/demo/formats`, { headers: { cookie } })).json()).user;
  assert.equal(await userWith(cookies), 'Ada');
  assert.equal(await userWith(cookies.replace(/STORED_SESS=[^;]*/, '')), null);
});

test('a user can end no session of another user, and sees none', async () => {
  const ada = cookieOf(await post('/demo/login', { name: 'Ada B.' }));
  const eve = cookieOf(await post('/demo/login', { name: 'Eve' }));
  const devicesOf = async cookie => (await (await fetch(`${url}/demo/devices`, { headers: { cookie } })).json()).devices;
  const [device, ...others] = await devicesOf(ada);
  assert.deepEqual([others.length, device.current, (await devicesOf(eve)).some(({ id }) => id === device.id)], [0, true, false]);
  for (const id of [device.id, '', null, {}]) assert.deepEqual(await (await post('/demo/devices/end', { id }, { cookie: eve })).json(), { ended: false });
  assert.equal((await devicesOf(ada)).length, 1);
  assert.deepEqual(await (await post('/demo/devices/end', { id: device.id }, { cookie: ada })).json(), { ended: true });
  assert.equal((await fetch(`${url}/demo/devices`, { headers: { cookie: ada } })).status, 401);
});

test('Ctrl-C stops it, and the cookie jar goes with it', async () => {
  await demo.stop();
  await assert.rejects(fetch(url));
  assert.match(demo.output, /SIGINT: stopping/);
  assert.equal(fs.existsSync(jar), false);
});

test('without the native engine it runs too, and says which parts need it', async t => {
  const portable = await new DemoProcess().start({ EGG_SESSION_ENGINE: 'portable' });
  t.after(() => portable.stop());
  assert.match(portable.output, /portable engine/);
  assert.match(await (await fetch(portable.url)).text(), /"hasSqlite":false/);
  const login = await fetch(`${portable.url}/demo/login`, { method: 'POST', headers: { origin: portable.url, 'content-type': 'application/json' }, body: '{"name":"Ada"}' });
  const { formats } = await login.json();
  assert.deepEqual(formats.map(({ holds }) => holds.user), ['Ada', 'Ada', 'Ada', 'Ada']);
  assert.equal((await fetch(`${portable.url}/demo/devices`)).status, 404);
});
