'use strict';

/** What apps/koa.test.js and apps/koa_versions.test.js ask of a Koa: the engine does the cookies' work, and every byte is koa-session's. */

require('./frozen_clock');

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const { compareRecords } = require('./compare');
const { once } = require('./once');
const { KoaHost } = require('./koa_host');
const { scenarios } = require('./koa_scenarios');
const { runScript } = require('./run_script');
const createSession = require('../..');

const COOKIE_MODES = ['signed', 'unsigned'];
const STORE_MODES = ['store with signed key', 'store with plain key'];

/** @param {{ title: string, Koa: any }} versions */
function koaSuite({ title: versions, Koa: KoaClass }) {
  describe(versions, () => {
    const ours = new KoaHost(createSession, KoaClass);
    const originals = [
      { version: '6.4.0', major: 3, host: new KoaHost(require('koa-session'), KoaClass) },
      { version: '7.0.2', major: 4, host: new KoaHost(require('koa-session7').createSession, KoaClass) },
    ];
    after(() => Promise.all([ours, ...originals.map(({ host }) => host)].map(host => host.stop())));

    test('cookies are native', () => {
      const app = new KoaClass();
      createSession({}, app);
      const { native, family, class: name } = createSession.status(app).cookies;
      assert.deepEqual({ native, family, name }, { native: true, family: 'cookies', name: versions.replace(/.*with /, '') });
    });

    for (const { version, major, host } of originals) {
      // What an older Koa does with the newest koa-session is koa-session 6's answer, too.
      if (version === '7.0.2' && KoaClass !== Koa && !versions.startsWith('Koa 3')) continue;
      for (const scenario of scenarios) {
        if (version === '7.0.2' && scenario.koa7Differs) continue;
        // Version 0.9.0 refuses every value with padding: where nobody awaits the save, the originals' promises are rejected unheard.
        if (versions.endsWith('0.9.0') && /not awaited|returns/.test(JSON.stringify(scenario.steps))) continue;
        const modes = { cookie: COOKIE_MODES, store: STORE_MODES, all: [...COOKIE_MODES, ...STORE_MODES] }[scenario.kept];
        for (const mode of modes) {
          const title = `${scenario.title}: as koa-session ${version}, ${mode}`;
          test(title, async () => {
            // one after the other: they share the clock, the stores and the log
            const theirs = await once(`${versions}: ${title}`, () => runScript(host, scenario, mode));
            const our = await runScript(ours, scenario, mode);
            compareRecords(scenario, theirs, our, { title, majors: [major, major] });
          });
        }
      }
    }
  });
}

module.exports = { COOKIE_MODES, STORE_MODES, koaSuite };
