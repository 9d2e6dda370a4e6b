'use strict';

/** What the originals do wrong with what comes in: keys of stored JSON, cookies of the other mode, the debug log. */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const Keygrip = require('egg-cookies/lib/keygrip');
const { AppProcess } = require('../support/app_process');
const { send } = require('../support/client');
const { differential } = require('../support/differential');

const read = { do: [['read']] };

/** Only the results differ. */
const results = (originals, ourOwn) => ({ original, ours }) => {
  assert.deepEqual(original.body.results, originals);
  assert.deepEqual(ours.body.results, ourOwn);
  assert.deepEqual({ ...ours, body: '' }, { ...original, body: '' });
};

/** The original answers 500 to whatever touches the session; ours takes the key for data. */
const failedOnlyInOriginal = results => ({ original, ours, assert }) => {
  assert.deepEqual([original.status, ours.status], [500, 200]);
  assert.deepEqual(ours.body.results, results);
};
const base64 = text => Buffer.from(text).toString('base64');
/** How a session's JSON gets to the app in each of the modes. */
const carriers = {
  'unsigned': text => ({ cookie: `EGG_SESS=${base64(text)}` }),
  'encrypted': text => ({ cookie: `EGG_SESS=${new Keygrip(['fixture key']).encrypt(base64(text)).toString('base64url')}` }),
  'store with plain key': text => ({ cookie: 'EGG_SESS=some-id', before: { do: [['set store text', 'some-id', text]] } }),
};

for (const [mode, carry] of Object.entries(carriers)) {
  const steps = (text, ...tries) => {
    const { cookie, before } = carry(text);
    return [...(before ? [before] : []), ...tries.map(([operations, expected]) =>
      ({ do: operations, cookie, keep: false, defect: failedOnlyInOriginal(expected) }))];
  };
  differential('defect: names of the model in stored JSON give a 500', [mode], [
    {
      title: 'length, populated and externalKey are data',
      egg4FollowsEgg3: '@eggjs/session 4 drops such keys in silence',
      steps: [
        ...steps('{"length":5,"a":1}', [[['read'], ['data keys']], ['{"length":5,"a":1}', ['length', 'a']]]),
        ...steps('{"populated":false,"a":1}', [[['read'], ['get', 'a']], ['{"populated":false,"a":1}', 1]]),
        ...steps('{"externalKey":"x"}', [[['read']], ['{"externalKey":"x"}']]),
      ],
    },
    {
      title: 'toJSON does not keep the session from being read and saved',
      steps: steps('{"toJSON":1,"a":1}', [[['length'], ['get', 'a']], [2, 1]], [[['set', 'b', 2]], ['(undefined)']]),
    },
    {
      title: '__proto__ changes no prototype',
      steps: steps('{"__proto__":{"x":1},"a":1}', [[['read'], ['type', 'x'], ['type', 'save']], ['{"a":1}', 'undefined', 'function']]),
    },
    {
      title: 'maxAge is data and sets no lifetime',
      steps: (() => {
        const { cookie, before } = carry('{"maxAge":5000,"a":1}');
        return [
          ...(before ? [before] : []),
          {
            ...read,
            cookie,
            keep: false,
            defect({ original, ours, assert }) {
              assert.deepEqual(original.body.results, ['{"a":1}']);
              assert.match(original.setCookie[0], /; max-age=5; /);
              assert.deepEqual(ours.body.results, ['{"maxAge":5000,"a":1}']);
              assert.deepEqual(ours.setCookie, []);
            },
          },
        ];
      })(),
    },
  ]);
}

differential('defect: Egg 4 dropped encrypt: true', ['encrypted'], [
  {
    title: 'a session is encrypted by default',
    variant: { session: { encrypt: 'default' } },
    egg4FollowsEgg3: '@eggjs/session 4 signs by default, which is the defect',
    steps: [{ do: [['set', 'a', 1], ['option', 'encrypt']], expect: { cookies: ['EGG_SESS'], results: ['(undefined)', true] } }, read],
  },
  {
    title: 'with encrypt: true a cookie with a valid signature is read, and encrypted when it is next written',
    steps: [
      { do: [['set', 'a', 1]], variant: { session: { encrypt: false } }, expect: { cookies: ['EGG_SESS', 'EGG_SESS.sig'] } },
      { ...read, cookie: jar => `${jar.header(0, '/')}x`, keep: false, expect: { results: ['{}'] } },
      { ...read, defect: results(['{}'], ['{"a":1}']) },
      { do: [['replace', { b: 1 }]], expect: { cookies: ['EGG_SESS'] } },
      { ...read, expect: { results: ['{"b":1}'] } },
    ],
  },
]);

describe('defect: the debug log of a signed cookie prints the key', () => {
  const KEY = 'fixture key';
  const env = { NODE_DEBUG: 'egg-cookies*,@eggjs/*,koa-session*,egg-session*,session*', DEBUG: 'egg-cookies*,koa-session*,egg-session*' };
  for (const major of [3, 4]) {
    test(`ours prints neither key nor cookie nor session: egg ${major}`, async () => {
      const outputs = {};
      for (const implementation of ['original', 'ours']) {
        const process = new AppProcess({ major, implementation, env });
        let cookie;
        try {
          const { port } = await process.app({ session: { encrypt: false } });
          const { setCookie } = await send({ port, body: [['set', 'secret', 'value of the session']] });
          cookie = setCookie.map(line => line.split(';')[0]).join('; ');
          const { body } = await send({ port, body: [['get', 'secret']], headers: { cookie } });
          assert.deepEqual(body.results, ['value of the session']);
        } finally {
          await process.stop();
        }
        outputs[implementation] = { text: process.output, cookie };
      }
      assert.ok(outputs.original.text.includes(KEY), 'the original no longer prints its key');
      const { text, cookie } = outputs.ours;
      for (const secret of [KEY, 'value of the session', ...cookie.split(/; |=/).filter(part => part.length > 20)]) {
        assert.ok(!text.includes(secret), 'a secret was printed');
      }
    });
  }
});
