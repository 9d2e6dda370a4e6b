'use strict';

/** The session option `keys` in Egg over HTTP: ours with the option answers as the original does with the same keys as `config.keys`. */

const { after, describe, test } = require('node:test');
const { AppProcess } = require('../support/app_process');
const { compareRecords } = require('../support/compare');
const { runScript } = require('../support/run_script');

const OWN = ['the first own key', 'an older own key'];
const scenario = {
  variant: { keys: OWN.join(',') },
  steps: [
    { do: [['set', 'user', 'ann']] },
    { do: [['read'], ['isNew'], ['externalKey']], expect: { setCookie: [] } },
    { do: [['set', 'n', 1]] },
    { do: [['read']], cookie: 'EGG_SESS=foreign; EGG_SESS.sig=foreign' },
    { do: [['read']] },
    { do: [['destroy']] },
  ],
};

describe('keys of the session\'s own', () => {
  for (const major of /** @type {const} */ ([3, 4])) {
    const original = new AppProcess({ major, implementation: 'original' });
    const ours = new AppProcess({ major, implementation: 'ours' });
    after(() => Promise.all([original.stop(), ours.stop()]));
    for (const mode of ['encrypted', 'signed', 'store with encrypted key', 'store with signed key']) {
      test(`egg ${major}, ${mode}`, async () => {
        const theirs = await runScript(original, scenario, mode);
        const our = await runScript(ours, scenario, mode, { keys: 'a key of the app', session: { keys: OWN } });
        compareRecords(scenario, theirs, our, { title: mode, majors: [major, major] });
      });
    }
  }
});
