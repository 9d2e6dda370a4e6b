'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, before, after } = require('node:test');

const ROOT = path.join(__dirname, '../..');
const WINDOWS = process.platform === 'win32';

/** @type {import('node:child_process').ChildProcess} */
let npm;
let output = '';
/** @type {Promise<number | null>} */
let exited;
/** @type {string[]} */
let curlLines;
/** @type {string} */
let url;
/** @type {string} */
let jar;

before(async () => {
  npm = spawn('npm', ['run', 'demo'], { cwd: ROOT, detached: !WINDOWS, shell: WINDOWS, stdio: ['ignore', 'pipe', 'pipe'] });
  exited = new Promise(resolve => npm.on('exit', resolve));
  await new Promise((resolve, reject) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', chunk => {
        output += chunk;
        if (output.includes('Ctrl-C stops')) resolve();
      });
    }
    exited.then(() => reject(new Error(`npm run demo ended: ${output}`)));
  });
  curlLines = output.split('\n').map(line => line.trim()).filter(line => line.startsWith('curl '));
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)[0];
  jar = /-c (\S+)/.exec(curlLines[0])[1];
});

/** As Ctrl-C does: the whole process group. */
function interrupt() {
  process.kill(WINDOWS ? npm.pid : -npm.pid, 'SIGINT');
}

after(() => {
  if (npm.exitCode === null && npm.signalCode === null) interrupt();
});

/** @param {string} line as a person would paste it */
function run(line) {
  return JSON.parse(execFileSync(line, { shell: true, encoding: 'utf8', timeout: 20_000 }));
}

test('the three curl lines that `npm run demo` prints show a session at work', () => {
  assert.equal(curlLines.length, 3, output);
  const [login, count, read] = curlLines;
  assert.deepEqual(run(login), { user: 'Ada' });
  assert.deepEqual(run(count), { user: 'Ada', count: 1 });
  assert.deepEqual(run(count), { user: 'Ada', count: 2 });
  assert.deepEqual(run(read), { user: 'Ada', count: 2, cart: [] });
});

test('it says what engine is at work, and it is the one that the tests ask for', () => {
  assert.match(output, new RegExp(`${process.env.EGG_SESSION_ENGINE || '(native|portable)'} engine`));
});

test('its session is an encrypted cookie that hides the name', () => {
  const cookies = fs.readFileSync(jar, 'utf8');
  const [, value] = /SHOP_SESS\t(\S+)/.exec(cookies);
  assert.doesNotMatch(cookies, /SHOP_SESS\.sig/);
  assert.doesNotMatch(Buffer.from(value, 'base64').toString('latin1'), /Ada|user/);
});

test('the cart is kept, and logging out ends the session', async () => {
  const curl = `curl -s -b ${jar} -c ${jar}`;
  assert.deepEqual(run(`${curl} -e ${url} -d item=tea ${url}/cart`), { cart: ['tea'] });
  assert.deepEqual(run(`${curl} -e ${url} --data-urlencode "item=<b>milk" ${url}/cart`), { cart: ['tea', '<b>milk'] });

  const cookie = `SHOP_SESS=${/SHOP_SESS\t(\S+)/.exec(fs.readFileSync(jar, 'utf8'))[1]}`;
  const page = await (await fetch(url, { headers: { cookie } })).text();
  assert.match(page, /Hello, Ada/);
  assert.match(page, /<li>tea<\/li><li>&lt;b&gt;milk<\/li>/);

  assert.deepEqual(run(`${curl} -e ${url} -d "" ${url}/logout`), { user: null });
  assert.deepEqual(run(`${curl} ${url}/session`), { user: null, count: 0, cart: [] });
});

test('the forms of its page log a browser in, and a page of another site cannot', async () => {
  /** @param {string} origin */
  const post = origin => fetch(`${url}/login`, {
    method: 'POST', redirect: 'manual', headers: { accept: 'text/html,*/*;q=0.8', origin }, body: new URLSearchParams({ name: 'Grace' }),
  });
  const done = await post(url);
  assert.deepEqual([done.status, done.headers.get('location')], [302, '/']);
  assert.match(done.headers.get('set-cookie'), /^SHOP_SESS=.*samesite=lax/i);
  assert.equal((await post('http://elsewhere.example')).status, 403);
});

test('Ctrl-C stops it, and the cookie jar goes with it', async () => {
  interrupt();
  await exited;
  await assert.rejects(fetch(url));
  assert.match(output, /SIGINT: stopping/);
  assert.equal(fs.existsSync(jar), false);
});
