'use strict';

/** `secure` behind a proxy of which the app was not told: the originals' error, which here says what to set. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const Koa = require('koa');
const CookieError = require('egg-cookies/lib/error');
const createSession = require('../..');
const { AppProcess } = require('../support/app_process');
const { send } = require('../support/client');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { START_MS } = require('../support/run_script');

const WORDS = /^Cannot send secure cookie over unencrypted connection: /;
const CODE = 'ERR_SESSION_SECURE_COOKIE';
const write = ctx => { ctx.session.n = 1; };
const end = ctx => { ctx.session = null; };

/** @param {any} app @param {any} options @param {(ctx: any) => any} handle */
async function errorOf(app, options, handle) {
  const { error } = await exchange(app, createSession({ secure: true, ...options }, app), handle);
  return error;
}

describe('the error', async () => {
  const [[, source]] = await knownSources();
  const eggApp = () => createEggApp(source);

  for (const [what, options, handle] of /** @type {const} */ ([
    ['written encrypted', { encrypt: true }, write],
    ['written signed', { encrypt: false }, write],
    ['written sealed', { encrypt: 'sealed' }, write],
    ['written in pieces', { encrypt: 'sealed', chunks: 3 }, ctx => { ctx.session.text = 'x'.repeat(5000); }],
    ['ended', { encrypt: true }, end],
    ['ended, in pieces', { encrypt: 'sealed', chunks: 3 }, end],
  ])) {
    test(`names the setting where a session is ${what}`, async () => {
      const error = await errorOf(eggApp(), options, handle);
      assert.match(error.message, WORDS);
      assert.match(error.message, /`config\.proxy`/);
      assert.equal(error.code, CODE);
      assert.ok(error instanceof CookieError, 'it is caught as before');
      assert.equal(error.stack.split('\n')[0].endsWith(error.message), true, 'the log shows it');
    });
  }

  test('names Koa\'s setting in plain Koa', async () => {
    const error = await errorOf(Object.assign(new Koa(), { keys: ['key'] }), {}, write);
    assert.match(error.message, WORDS);
    assert.match(error.message, /`app\.proxy`/);
    assert.equal(error.code, CODE);
  });

  test('says what the proxy has to do where the setting is on', async () => {
    const error = await errorOf(Object.assign(eggApp(), { proxy: true }), {}, write);
    assert.match(error.message, WORDS);
    assert.match(error.message, /`config\.proxy` is on.*X-Forwarded-Proto/);
  });

  test('any other error of ctx.cookies stays as it is', async () => {
    const failure = new RangeError('the disk is full');
    const error = await errorOf(eggApp(), {}, ctx => {
      ctx.cookies.set = () => { throw failure; };
      write(ctx);
    });
    assert.equal(error, failure);
    assert.deepEqual([error.message, error.code], ['the disk is full', undefined]);
  });

  test('what is thrown without being an error stays as it is', async () => {
    const error = await errorOf(eggApp(), {}, ctx => {
      ctx.cookies.set = () => { throw 'a string'; }; // eslint-disable-line no-throw-literal
      write(ctx);
    });
    assert.equal(error, 'a string');
  });

  test('there is none over HTTPS, and none with app.proxy behind a proxy that says so', async () => {
    const app = eggApp();
    const { error, setCookie } = await exchange(app, createSession({ secure: true }, app), write, { secure: true });
    assert.equal(error, undefined);
    assert.match(setCookie[0], /; secure/);
    const koa = Object.assign(new Koa(), { keys: ['key'], proxy: true });
    const behind = await exchange(koa, createSession({ secure: true }, koa), write, { headers: { 'x-forwarded-proto': 'https' } });
    assert.equal(behind.error, undefined);
  });
});

test('an Egg app answers 500, and its log names the setting', async () => {
  for (const major of /** @type {const} */ ([3, 4])) {
    const process = new AppProcess({ major, implementation: 'ours' });
    try {
      const { port } = await process.app({ session: { secure: true } });
      const agent = new http.Agent();
      const answer = await send({ port, agent, body: [['set', 'n', 1]], headers: { 'x-clock': String(START_MS) } });
      agent.destroy();
      assert.equal(answer.status, 500);
      const { message } = (await process.collect()).find(({ event }) => event === 'error');
      assert.match(message, WORDS);
      assert.match(message, /`config\.proxy`/);
    } finally {
      await process.stop();
    }
  }
});
