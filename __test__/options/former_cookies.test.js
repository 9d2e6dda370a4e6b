'use strict';

/** `formerCookies` that name no former place are refused at start. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp } = require('../support/egg_context');
const { source } = require('../support/moved_cookies');

describe('at start', () => {
  const refusals = [
    [{ formerCookies: { key: 'OLD' } }, /array/],
    [{ formerCookies: [null] }, /\[0\]/],
    [{ formerCookies: ['OLD'] }, /\[0\]/],
    [{ formerCookies: [{ key: 'OLD' }, { name: 'OLD' }] }, /only `key`, `domain` and `path` in \[1\]/],
    [{ formerCookies: [{ key: 'a\nb' }] }, /`key` in \[0\]/],
    [{ formerCookies: [{ key: 1 }] }, /`key` in \[0\]/],
    [{ formerCookies: [{ path: 'shop' }] }, /`path`/],
    [{ formerCookies: [{ path: 5 }] }, /`path`/],
    [{ formerCookies: [{ domain: 'https://example.com' }] }, /`domain`/],
    [{ formerCookies: [{ domain: true }] }, /`domain`/],
    [{ formerCookies: [{ key: 'a;b' }] }, /can name a cookie for `key`/],
    [{ formerCookies: [{ key: 'a\nb' }] }, /can name a cookie for `key`/],
    [{ formerCookies: [{ key: '__Host-old' }] }, /`secure`/],
    [{}, undefined],
    [{ formerCookies: null }, undefined],
    [{ formerCookies: [] }, undefined],
    [{ formerCookies: [{}] }, /where it is now/],
    [{ formerCookies: [{ key: 'EGG_SESS' }] }, /where it is now/],
    [{ formerCookies: [{ path: '/' }] }, /where it is now/],
    [{ formerCookies: [{ domain: null }] }, /where it is now/],
    [{ formerCookies: [{ domain: '' }] }, /where it is now/],
    [{ formerCookies: [{ domain: '.EXAMPLE.com' }], domain: 'example.com' }, /where it is now/],
    [{ formerCookies: [{ domain: null }], domain: 'example.com' }, undefined],
    [{ formerCookies: [{ path: '/shop' }], path: '/shop' }, /where it is now/],
    [{ formerCookies: [{ key: 'OLD' }, { path: '/' }] }, /\[1\] is where it is now/],
    [{ formerCookies: [{ domain: 'example.com' }], domain: () => 'example.com' }, undefined],
    [{ formerCookies: [{ domain: () => 'example.com' }], domain: 'example.com' }, undefined],
    [{ formerCookies: [{ domain: 'example.com' }] }, /where it is now/, { domain: 'example.com' }],
    [{ formerCookies: [{ domain: null }] }, undefined, { domain: 'example.com' }],
    [{ formerCookies: [{ path: '/' }] }, /where it is now/, { domain: 'example.com' }],
    [{ formerCookies: [{ path: '/' }] }, undefined, { path: '/shop' }],
  ];
  for (const [options, message, cookies] of refusals) {
    test(`${message ? 'refused' : 'taken'}: ${JSON.stringify(options)} beside ${JSON.stringify(cookies)}`, async () => {
      const app = cookies ? createEggApp(await source, { cookies }) : new Koa();
      const begin = () => createSession({ key: 'EGG_SESS', ...options }, app);
      if (message) assert.throws(begin, { code: 'ERR_SESSION_OPTION', option: 'formerCookies', message });
      else begin();
    });
  }
});
