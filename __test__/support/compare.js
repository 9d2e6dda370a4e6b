'use strict';

const assert = require('node:assert/strict');
const { asEgg3, numberRandomIds, withoutAdvice, withoutOwnLines, withRollingFilledIn } = require('./normalise');

/** What happened in a step, in words short enough for an `expect`. */
function namesOf(log) {
  return log.map(({ call, event, log: level, outer, note }) =>
    call || event || (level && `log ${level}`) || (outer && 'outer') || `note ${note}`);
}

/** Checks that the original did what the scenario is about. */
function assertExpected(record, expect) {
  const seen = {
    status: record.status,
    results: record.body && record.body.results,
    cookies: record.setCookie.map(line => line.slice(0, line.indexOf('='))),
    saw: namesOf(record.log),
    setCookie: record.setCookie,
  };
  for (const name of Object.keys(expect)) {
    if (name === 'setCookieMatches') {
      assert.match(record.setCookie.join('\n'), expect[name]);
    } else {
      assert.deepEqual(seen[name], expect[name], `the original was expected to do otherwise: ${name}`);
    }
  }
}

/** Runs a check, and says where it failed before it says how. */
function located(where, check) {
  try {
    check();
  } catch (error) {
    const detail = error.code === 'ERR_ASSERTION'
      ? `${error.message}\n  original/expected: ${JSON.stringify(error.expected)}\n  ours/seen:         ${JSON.stringify(error.actual)}`
      : error.stack;
    throw new assert.AssertionError({ message: `${where}\n${detail}`, stackStartFn: located });
  }
}

/**
 * @param {object} scenario
 * @param {object[]} original records of the original
 * @param {object[]} ours records of ours for the same script
 * @param {{ title: string, majors: number[] }} options majors: of Egg, the original's and ours
 */
function compareRecords(scenario, original, ours, { title, majors }) {
  const prepare = records => {
    let prepared = withoutOwnLines(withoutAdvice(records));
    if (scenario.randomIds) prepared = numberRandomIds(prepared, scenario.variant?.keys);
    if (majors.includes(4)) prepared = withRollingFilledIn(prepared);
    if (majors[0] !== majors[1]) prepared = asEgg3(prepared);
    return prepared;
  };
  const [theirs, our] = [prepare(original), prepare(ours)];
  if (scenario.refusedAtStart) {
    located(title, () => assert.deepEqual(our, [{ start: { failed: scenario.refusedAtStart } }]));
    theirs.slice(1).forEach((record, i) => located(`${title}\n  at step ${i + 1}`, () => assertExpected(record, scenario.steps[i].expect)));
    return;
  }
  let stepIndex = 0;
  for (let i = 0; i < Math.max(theirs.length, our.length); i++) {
    const isStart = Boolean((theirs[i] || our[i]).start);
    const step = isStart ? {} : scenario.steps[stepIndex++];
    const where = `${title}\n  at ${isStart ? 'the start of the app' : `step ${stepIndex}: ${JSON.stringify(step.do)}`}`;
    located(where, () => {
      if (step.expect && theirs[i]) assertExpected(theirs[i], step.expect);
      if (isStart && scenario.expectStart) assert.deepEqual(theirs[i].start, scenario.expectStart);
      if (step.defect) step.defect({ original: theirs[i], ours: our[i], assert });
      else assert.deepEqual(our[i], theirs[i]);
    });
  }
}

module.exports = { compareRecords, namesOf };
