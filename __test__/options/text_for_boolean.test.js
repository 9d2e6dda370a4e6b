'use strict';

/** Text such as `'false'`, as it comes from the environment, where egg-session has a boolean: the same effect as there, and a warning. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const koaSession = require('koa-session');

const BOOLEANS = [
  'rolling', 'renew', 'autoCommit', 'logValue', 'enable', 'signed', 'httpOnly', 'secure', 'overwrite', 'partitioned', 'removeUnpartitioned', 'ignoreSecureError',
];

/** @param {any} create @param {any} options @returns {Promise<any[]>} the status and cookies of two requests, and the warnings at start */
async function run(create, options, t) {
  const warnings = [];
  t.mock.method(process, 'emitWarning', (message, { code }) => code === 'SESSION_OPTION' && warnings.push(message));
  const app = Object.assign(new Koa(), { keys: ['a key of more than 16 bytes'], silent: true });
  app.use(create({ key: 'K', maxAge: 'session', ...options }, app));
  app.use(ctx => {
    if (ctx.path === '/login') ctx.session.user = 'ada';
    ctx.body = String(ctx.session.user);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  t.after(() => server.close());
  const answers = [];
  for (const [path, cookie] of [['/login', ''], ['/', 'K=eyJ1c2VyIjoiYWRhIiwiX3Nlc3Npb24iOnRydWV9']]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { cookie, connection: 'close' } });
    answers.push([answer.status, answer.headers.getSetCookie(), await answer.text()]);
  }
  t.mock.restoreAll();
  return [answers, warnings];
}

for (const name of BOOLEANS) {
  test(`${name}: the text 'false' counts as true, as in koa-session, and is a warning`, async t => {
    const [answers, warnings] = await run(createSession, { signed: false, [name]: 'false' }, t);
    assert.deepEqual(answers, (await run(koaSession, { signed: false, [name]: 'false' }, t))[0]);
    assert.deepEqual(answers, (await run(koaSession, { signed: false, [name]: true }, t))[0]);
    assert.deepEqual(warnings, [
      `session option \`${name}\` is the text 'false', which counts as true, as in egg-session: set the boolean \`false\``,
    ]);
  });
}

test('other texts that say no are a warning, and what says yes or is no text is none', async t => {
  for (const no of ['False', '0', 'no', 'OFF']) {
    const [, warnings] = await run(createSession, { rolling: no }, t);
    assert.deepEqual(warnings.map(message => message.includes(`the text '${no}'`)), [true]);
  }
  for (const value of ['true', '1', 'yes', '', 0, 1, true, false, null, undefined, {}]) {
    assert.deepEqual((await run(createSession, { rolling: value }, t))[1], [], String(value));
  }
});

test('where only this package has the option, text is refused', () => {
  for (const [name, beside] of [['acceptLegacy', { encrypt: 'sealed' }], ['hashKeys', {}], ['nativeCookies', {}], ['cookieOnError', {}], ['saveWithHeaders', {}]]) {
    for (const value of ['false', 'true', '', 0, 1]) {
      const app = Object.assign(new Koa(), { keys: ['a key of more than 16 bytes'] });
      assert.throws(() => createSession({ maxAge: 1000, ...beside, [name]: value }, app), { code: 'ERR_SESSION_OPTION', option: name });
    }
  }
});
