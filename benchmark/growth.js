'use strict';

/** growth.svg: how the cost of a session grows with its size, and what of it no session layer can save. */

const fs = require('node:fs');
const path = require('node:path');
const { drawChart } = require('./chart');

/** @typedef {Awaited<ReturnType<typeof import('./middleware').measure>>} Result */

const FILE = path.join(__dirname, 'growth.svg');
const ORANGE = '#d9730d';
const BLUE = '#2f81f7';
const GREEN = '#2da44e';

/** @param {Result[]} results */
function drawGrowth(results) {
  const encrypted = results.filter(({ mode }) => mode === 'encrypted').sort((a, b) => a.size - b.size);
  const reads = encrypted.filter(({ title }) => title === 'read, first sight');
  const writes = encrypted.filter(({ title }) => title === 'write');
  /** @returns {[number, number][]} */
  const points = (group, cost) => group.map((result) => [result.size, cost(result)]);
  const original = (result) => result.original.median;
  const ours = (result) => result.ours.median;
  return drawChart({
    title: 'What an encrypted session costs a request',
    x: { title: 'JSON of the session', ticks: reads.map(({ size }) => size), label: (bytes) => (bytes < 1000 ? `${bytes} B` : `${bytes / 1000} KB`) },
    y: { title: 'CPU time, µs', label: (micros) => micros.toLocaleString('en') },
    series: [
      { name: 'egg-session, write', colour: ORANGE, points: points(writes, original) },
      { name: 'egg-session, read', colour: ORANGE, dashed: true, points: points(reads, original) },
      { name: 'egg-session-native, write', colour: BLUE, points: points(writes, ours) },
      { name: 'egg-session-native, read', colour: BLUE, dashed: true, points: points(reads, ours) },
      {
        name: 'floor: parse + stringify + call',
        colour: GREEN,
        points: points(writes, ({ floor }) => floor.parse + floor.stringify + floor.crossing),
      },
    ],
  });
}

/** @param {Result[]} results */
function writeGrowth(results) {
  fs.writeFileSync(FILE, drawGrowth(results));
}

module.exports = { drawGrowth, writeGrowth };
