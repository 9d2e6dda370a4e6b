'use strict';

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const createSession = require('../..');
const { storeApp } = require('../support/logging_store');

const HOUR_MS = 3600 * 1000;

describe('a store that fails', () => {
  test('on set: the request fails, no cookie is sent, and the next save tries again', async () => {
    const failure = new Error('set failed');
    const { store, run } = storeApp(createSession);
    store.failures.set('set', failure);
    const { error, setCookie } = await run(ctx => { ctx.session.a = 2; });
    assert.equal(error, failure);
    assert.deepEqual(setCookie, []);
    store.take();
    const { result } = await run(async ctx => {
      ctx.session.maxAge = HOUR_MS;
      await assert.rejects(ctx.session.save(), failure);
      store.failures.clear();
      return 'went on';
    });
    assert.equal(result, 'went on');
    // maxAge was set and never saved: autoCommit does it
    assert.deepEqual(store.take(), ['get id-0', 'set id-0', 'set id-0']);
    assert.equal(JSON.parse(store.memory.get('id-0'))._maxAge, HOUR_MS);
  });

  test('on destroy: regenerate() fails, the key stays, nothing is written under a new one', async () => {
    const failure = new Error('destroy failed');
    const { store, run } = storeApp(createSession);
    store.failures.set('destroy', failure);
    const { result } = await run(async ctx => {
      await assert.rejects(ctx.session.regenerate(), failure);
      return ctx.session.externalKey;
    });
    assert.equal(result, 'id-0');
    assert.deepEqual(store.take(), ['get id-0', 'destroy id-0']);
  });

  test('on get: the error is the request\'s, the app is not called', async () => {
    const failure = new Error('get failed');
    for (const create of [koaSession, createSession]) {
      const { store, run } = storeApp(create);
      store.failures.set('get', failure);
      let called = false;
      const { error } = await run(() => { called = true; });
      assert.equal(error, failure);
      assert.equal(called, false);
    }
  });

  test('a save() that nobody awaits and that fails is tried again by autoCommit, whose error is the request\'s', async () => {
    const failure = new Error('set failed');
    const { store, run } = storeApp(createSession);
    store.failures.set('set', failure);
    const caught = [];
    const { error } = await run(ctx => {
      ctx.session.a = 2;
      ctx.session.save(err => caught.push(err));
    });
    assert.deepEqual([error, caught], [failure, [failure]]);
    assert.deepEqual(store.take(), ['get id-0', 'set id-0', 'set id-0']);
  });
});
