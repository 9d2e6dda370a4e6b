'use strict';

const { after, describe, test } = require('node:test');
const { AppProcess } = require('./app_process');
const { compareRecords } = require('./compare');
const { once } = require('./once');
const { runScript } = require('./run_script');

/**
 * @typedef {object} Scenario
 * @property {string} title a claim
 * @property {string[]} [modes] of modes.js, where they differ from the theme's
 * @property {object} [variant] what the scenario's app has of its own
 * @property {import('./run_script').Step[]} steps
 * @property {object} [expectStart] the record of the original's start
 * @property {string} [refusedAtStart] what ours says when it refuses the config, where the original starts and then does as expected
 * @property {boolean} [randomIds] ids are not from the fixture's genid: compare them by order of appearance
 * @property {string} [egg4FollowsEgg3] why @eggjs/session 4 cannot be the oracle here; ours on Egg 4 is then
 *   compared with egg-session 3 on Egg 3
 * @property {string} [onlyEgg3] why there is nothing to compare on Egg 4
 */

/** Starting one takes longer than most scenarios do, so all themes of a file share them. @type {Map<string, AppProcess>} */
const processes = new Map();
let themes = 0;

/** @param {3 | 4} major @param {'original' | 'ours'} implementation */
function processFor(major, implementation) {
  const key = `${major} ${implementation}`;
  if (!processes.has(key)) processes.set(key, new AppProcess({ major, implementation }));
  return processes.get(key);
}

/** The apps of a theme are stopped, and with those of the last one the processes. */
async function endTheme() {
  themes--;
  await Promise.all([...processes.values()].map(process => (themes === 0 ? process.stop() : process.stopApps())));
}

/**
 * Registers a test for each scenario, mode and major: the same requests to the original and to ours must give equal records.
 * @param {string} theme
 * @param {string[]} modes
 * @param {Scenario[]} scenarios
 */
function differential(theme, modes, scenarios) {
  themes++;
  describe(theme, () => {
    after(endTheme);

    for (const scenario of scenarios) {
      for (const mode of scenario.modes || modes) {
        for (const major of scenario.onlyEgg3 ? [3] : [3, 4]) {
          const title = `${scenario.title}: egg ${major}, ${mode}`;
          const oracle = scenario.egg4FollowsEgg3 ? 3 : major;
          test(title, async () => {
            const [original, ours] = await bothEnded([
              once(`${theme}: ${title}`, () => runScript(processFor(oracle, 'original'), scenario, mode)),
              runScript(processFor(major, 'ours'), scenario, mode),
            ]);
            compareRecords(scenario, original, ours, { title, majors: [oracle, major] });
          });
        }
      }
    }
  });
}

/** Promise.all that never leaves one side still running into the next test. */
async function bothEnded(promises) {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

module.exports = { differential };
