'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const vm = require('node:vm');
const Redis = require('ioredis');
const Koa = require('koa');
const Memcached = require('memcached');
const ts = require('typescript');
const createSession = require('../..');
const { startMemcached, startRedis } = require('../support/servers');

const ROOT = path.join(__dirname, '../..');
const README = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** Members of an interface in index.d.ts, without those that it inherits. */
function declaredMembers(/** @type {string[]} */ ...interfaces) {
  const source = ts.createSourceFile('index.d.ts', fs.readFileSync(path.join(ROOT, 'index.d.ts'), 'utf8'), ts.ScriptTarget.Latest);
  const members = [];
  const visit = node => {
    if (ts.isInterfaceDeclaration(node) && interfaces.includes(node.name.text)) {
      members.push(...node.members.map(member => member.name.getText(source)));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...new Set(members)];
}

/** @param {string} heading @returns {string} the text of one section */
function section(heading) {
  const from = README.indexOf(`\n## ${heading}\n`);
  assert.notEqual(from, -1, heading);
  const to = README.indexOf('\n## ', from + 4);
  return README.slice(from, to === -1 ? undefined : to);
}

/** The first cells of the tables in a text: names in backticks. */
function firstCells(/** @type {string} */ text) {
  return [...text.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1]));
}

test('the configuration tables list every option that the types declare, and no other', () => {
  assert.deepEqual(
    firstCells(section('Configuration')).sort(),
    declaredMembers('SessionOptions', 'SessionCookieOptions', 'SessionConfig').sort(),
  );
});

test('the defaults shown for the plugin are the plugin\'s defaults', () => {
  const shown = { exports: {} };
  vm.runInNewContext(/```js\n(exports\.session[\s\S]*?)```/.exec(section('Configuration'))[1], shown);
  assert.deepEqual({ ...shown.exports.session }, require('../../config/config.default').session);
});

test('every file that the documents link to is there, and every anchor', () => {
  const anchorsOf = (/** @type {string} */ file) => new Set([...fs.readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)]
    .map(([, heading]) => heading.toLowerCase().replace(/[^a-z0-9 -]/g, '').replace(/ /g, '-')));
  const guides = fs.readdirSync(path.join(ROOT, 'docs')).map(name => `docs/${name}`);
  for (const document of ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', 'RELEASING.md', ...guides]) {
    const text = fs.readFileSync(path.join(ROOT, document), 'utf8');
    for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('https://')) continue;
      const [linked, anchor] = target.split('#');
      // As GitHub has it: a link is relative to the document, and one without a file is to the document itself.
      const file = linked ? path.join(ROOT, path.dirname(document), linked) : path.join(ROOT, document);
      assert.ok(fs.existsSync(file), `${document}: ${target}`);
      if (anchor) assert.ok(anchorsOf(file).has(anchor), `${document}: ${target}`);
    }
  }
});

/**
 * @param {Koa} app
 * @param {(url: string) => Promise<void>} visit
 */
async function serve(app, visit) {
  const server = http.createServer(app.callback());
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    await visit(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
}

/** Answers of one browser to as many requests of a page. */
async function browse(url, times) {
  const answers = [];
  let cookie = '';
  for (let i = 0; i < times; i++) {
    const response = await fetch(url, { headers: { cookie } });
    const set = response.headers.getSetCookie();
    if (set.length > 0) cookie = set.map(line => line.split(';')[0]).join('; ');
    answers.push(await response.text());
  }
  return answers;
}

test('the Redis store of the external store section keeps sessions', async () => {
  const redis = new Map();
  const lifetimes = [];
  const egg = {
    redis: {
      async get(key) { return redis.get(key) ?? null; },
      async set(key, text, unit, lifetime) {
        assert.equal(typeof text, 'string');
        assert.equal(unit, 'PX');
        lifetimes.push(lifetime);
        redis.set(key, text);
      },
      async del(key) { redis.delete(key); },
    },
  };
  const example = { module: { exports: undefined }, JSON };
  vm.runInNewContext(/```js\n(\/\/ app\.js[\s\S]*?)```/.exec(section('External store'))[1], example);
  example.module.exports(egg);

  const app = new Koa();
  app.keys = ['key'];
  app.use(createSession({ store: egg.sessionStore, maxAge: 5000 }, app));
  app.use(ctx => {
    if (ctx.session.visits === 2) {
      ctx.session = null;
      ctx.body = 'goodbye';
      return;
    }
    ctx.session.visits = (ctx.session.visits || 0) + 1;
    ctx.body = `visit ${ctx.session.visits}`;
  });
  await serve(app, async url => {
    assert.deepEqual(await browse(url, 2), ['visit 1', 'visit 2']);
    assert.equal(redis.size, 1);
    assert.deepEqual(await browse(url, 4), ['visit 1', 'visit 2', 'goodbye', 'visit 1']);
    assert.equal(redis.size, 2);
  });
  assert.deepEqual([...new Set(lifetimes)], [15000]);
});

for (const [name, port] of [['SqliteStore'], ['RedisStore'], ['MemcachedStore', 11211]]) {
  test(`the lines for ${name} run as they stand`, async t => {
    const source = [...section('External store').matchAll(/```js\n([\s\S]*?)```/g)].map(match => match[1]).filter(lines => lines.includes(`new ${name}(`));
    assert.equal(source.length, 1);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-readme-'));
    const server = { SqliteStore: () => undefined, RedisStore: startRedis, MemcachedStore: startMemcached }[name];
    const started = await server();
    const closing = [];
    const home = process.cwd();
    process.chdir(folder);
    t.after(async () => {
      for (const close of closing) await close();
      process.chdir(home);
      fs.rmSync(folder, { recursive: true, force: true });
      if (started) await started.remove();
    });
    const app = { beforeClose: close => closing.push(close) };
    if (name === 'RedisStore') {
      app.redis = new Redis(started.port, '127.0.0.1');
      closing.push(() => app.redis.disconnect());
    }
    class LocalMemcached extends Memcached {
      constructor(address) {
        assert.equal(address, `127.0.0.1:${port}`);
        super(`127.0.0.1:${started.port}`);
        closing.push(() => this.end());
      }
    }
    const names = { 'egg-session-native': createSession, memcached: LocalMemcached };
    vm.runInNewContext(source[0], { app, require: module => names[module] ?? assert.fail(module) });
    await app.sessionStore.set('key', { user: 'ada' }, 60_000);
    assert.deepEqual(await app.sessionStore.get('key'), { user: 'ada' });
  });
}

test('the Koa example counts visits', async () => {
  const source = /```js\n(const Koa[\s\S]*?)```/.exec(section('Plain Koa'))[1];
  const names = { koa: Koa, 'egg-session-native': createSession };
  const app = vm.runInNewContext(`${source}\napp`, { process: { env: { COOKIE_KEY: 'key' } }, require: name => names[name] });
  await serve(app, async url => assert.deepEqual(await browse(url, 3), ['visit 1', 'visit 2', 'visit 3']));
});
