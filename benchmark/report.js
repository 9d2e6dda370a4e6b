'use strict';

const { engine } = require('..');
const { summary } = require('./measure');
const { circumstances, table } = require('./sections');

/** @typedef {Awaited<ReturnType<typeof import('./middleware').measure>>} Result */

const micro = (number) => number.toFixed(2);
const quartiles = ({ low, high }) => `${low.toFixed(1)}–${high.toFixed(1)}`;

/** What of a request's cost is V8's and Node's own. @param {Result} result */
const floorOf = ({ needs, floor }) => needs.reduce((sum, part) => sum + floor[part], 0);

/**
 * @param {Result[]} results
 * @param {(result: Result) => string} nameOf
 * @returns {[string, Result[]][]} in the order of their first result
 */
function groups(results, nameOf) {
  return [...new Set(results.map(nameOf))].map((name) => [name, results.filter((result) => nameOf(result) === name)]);
}

/** @param {Result} result */
function groupName({ mode, size }) {
  const names = {
    encrypted: 'Encrypted cookie',
    signed: 'Signed cookie',
    store: 'External store in memory',
    edited: 'egg-cookies, unknown but equal: encrypted cookie',
    'koa, against koa-session 7': 'Koa 3, `cookies`: signed cookie, against koa-session 7',
    'koa, against koa-session 6': 'Koa 3, `cookies`: signed cookie, against koa-session 6',
  };
  return `${names[mode]}, session of about ${size} B`;
}

/** The tables of what a request costs, with what is left when V8 and Node have had their part. @param {Result[]} results */
function tables(results) {
  return groups(results, groupName).map(([name, group]) => `### ${name}\n\n${table(
    ['request', `${/koa-session \d/.exec(group[0].mode)?.[0] ?? 'egg-session'}, µs`, 'egg-session-native, µs', 'ratio, median', 'quartiles', 'of ours V8 and Node', 'left'],
    group.map((result) => {
      const { title, original, ours, ratio } = result;
      const floor = floorOf(result);
      return [title, micro(original.median), micro(ours.median), `**${ratio.median.toFixed(1)}×**`, quartiles(ratio), micro(floor), micro(ours.median - floor)];
    }),
  )}`).join('\n\n');
}

/** The floor itself. @param {Result[]} results */
function floorTable(results) {
  const rows = groups(results.filter(({ mode }) => mode !== 'store'), ({ mode, size }) => `${mode}, ${size} B`).map(([name, group]) => {
    const median = (part) => micro(summary(group.map(({ floor }) => floor[part])).median);
    return [name, median('parse'), median('stringify'), median('setHeader'), median('crossing')];
  });
  return table(['session', '`JSON.parse`, µs', '`JSON.stringify`, µs', '`setHeader`, µs', 'an empty call of the addon, µs'], rows);
}

/** @param {Result[]} results */
function report(results) {
  return [
    ...circumstances().map((line) => `- ${line}`),
    '',
    tables(results),
    '',
    '### The floor',
    '',
    'What V8 and Node take for one session of each size. "Of ours V8 and Node" above is the sum of those that the request cannot',
    'do without: a first reading parses, a new session is written out and sent, a write does all three. A store in memory keeps objects.',
    '',
    floorTable(results),
  ].join('\n');
}

/**
 * The table of docs/benchmarks.md: how many times less a session of 300 B costs.
 *
 * @param {Result[]} results
 */
function summaryTable(results) {
  const ratioOf = (title, mode) => {
    const found = results.find((result) => result.title === title && result.mode === mode && result.size === 300);
    return found ? `${found.ratio.median.toFixed(1)}×` : '';
  };
  const titles = [...new Set(results.map(({ title }) => title))].filter((title) => title !== 'not touched');
  const modes = ['encrypted', 'signed', 'store'];
  return [
    table(
      ['request', 'encrypted cookie', 'signed cookie', 'store in memory'],
      titles.map((title) => [title, ...modes.map((mode) => ratioOf(title, mode))]),
    ),
    '',
    `Node.js ${process.version}, ${engine.name} engine. [All figures, and how they were measured](../benchmark/results.md).`,
  ].join('\n');
}

/**
 * One table for all versions of Node.
 *
 * @param {{ version: string, results: Result[] }[]} versions
 */
function versionTable(versions) {
  const [{ results }] = versions;
  const cell = ({ original, ours, ratio }) => `**${ratio.median.toFixed(1)}×** (${micro(original.median)} ÷ ${micro(ours.median)})`;
  return table(
    ['session of about 300 B', ...versions.map(({ version }) => `Node.js ${version}`)],
    results.map(({ title, mode }, row) => [`${mode}: ${title}`, ...versions.map((measured) => cell(measured.results[row]))]),
  );
}

module.exports = { report, summaryTable, tables, versionTable };
