'use strict';

const { describe, test } = require('node:test');
const { AppProcess } = require('../support/app_process');
const { compareRecords } = require('../support/compare');
const { randomScenario } = require('../support/random_scenarios');
const { runScript } = require('../support/run_script');

// Set RANDOM_SEED and RANDOM_SCENARIOS to search further than a test run may.
const FIRST_SEED = Number(process.env.RANDOM_SEED || 20260102);
const SCENARIOS = Number(process.env.RANDOM_SCENARIOS || 60);

describe('random scenarios', () => {
  for (const major of [3, 4]) {
    test(`${SCENARIOS} random scripts come out equal: egg ${major}`, async () => {
      const original = new AppProcess({ major, implementation: 'original' });
      const ours = new AppProcess({ major, implementation: 'ours' });
      try {
        for (let seed = FIRST_SEED; seed < FIRST_SEED + SCENARIOS; seed++) {
          const { mode, scenario } = randomScenario(seed);
          const [theirRecords, ourRecords] = await Promise.all([
            runScript(original, scenario, mode),
            runScript(ours, scenario, mode),
          ]);
          const title = `RANDOM_SEED=${seed}, ${mode}, ${JSON.stringify(scenario.variant)}`;
          compareRecords(scenario, theirRecords, ourRecords, { title, majors: [major, major] });
        }
      } finally {
        await Promise.all([original.stop(), ours.stop()]);
      }
    });
  }
});
