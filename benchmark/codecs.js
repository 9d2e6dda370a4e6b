'use strict';

/**
 * Sealing and opening alone, without middleware: from a session to what stands in the cookie, and back. Here other packages
 * can be compared with, whose middlewares serve other frameworks.
 */

const assert = require('node:assert/strict');
const { content } = require('./cases');
const { codecs, checkAgainstPackages } = require('./codec_contenders');
const { clearYoungGeneration, cpuMicros, summary, takeTurns } = require('./measure');
const { table } = require('./sections');

const SIZE = 300;

/** @param {{ rounds: number, batch?: number }} options */
async function measureCodecs({ rounds, batch = 500 }) {
  const contenders = await codecs();
  await checkAgainstPackages(content(SIZE, 0));
  let serial = 0;

  async function sample(name) {
    const { seal, unseal } = contenders[name];
    const sessions = Array.from({ length: batch }, () => content(SIZE, ++serial));
    const cookies = new Array(batch);
    const opened = new Array(batch);
    clearYoungGeneration();
    const start = cpuMicros();
    for (let i = 0; i < batch; i++) {
      const sealed = seal(sessions[i]);
      cookies[i] = sealed instanceof Promise ? await sealed : sealed;
    }
    const between = cpuMicros();
    // flat, as a header that came over the wire
    for (let i = 0; i < batch; i++) cookies[i] = Buffer.from(cookies[i], 'latin1').toString('latin1');
    clearYoungGeneration();
    const again = cpuMicros();
    for (let i = 0; i < batch; i++) {
      const session = unseal(cookies[i]);
      opened[i] = session instanceof Promise ? await session : session;
    }
    const end = cpuMicros();
    sessions.forEach((session, i) => assert.deepEqual(opened[i], session, name));
    return { write: (between - start) / batch, read: (end - again) / batch, bytes: cookies[0].length };
  }

  const samples = await takeTurns(Object.keys(contenders), rounds, sample);
  return Object.entries(contenders).map(([name, { gives }]) => ({
    name,
    gives,
    bytes: samples[name][0].bytes,
    write: summary(samples[name].map(({ write }) => write)),
    read: summary(samples[name].map(({ read }) => read)),
  }));
}

/** @param {Awaited<ReturnType<typeof measureCodecs>>} results */
function codecTable(results) {
  const cell = ({ median, low, high }) => `**${median.toFixed(2)}** (${low.toFixed(2)}–${high.toFixed(2)})`;
  return [
    'Sealing a session of about 300 B for a cookie and opening it again, JSON included, as each package does it: CPU time, median and',
    'quartiles. What the cookie gives differs, so compare rows that give the same.',
    '',
    table(
      ['package', 'the cookie is', 'cookie, B', 'seal, µs', 'open, µs'],
      results.map(({ name, gives, bytes, write, read }) => [name, gives, bytes, cell(write), cell(read)]),
    ),
  ].join('\n');
}

module.exports = { measureCodecs, codecTable };
