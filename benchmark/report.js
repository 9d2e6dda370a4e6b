'use strict';

const os = require('node:os');

/** @typedef {Awaited<ReturnType<typeof import('./middleware').measure>>} Result */

const version = (name) => require(`${name}/package.json`).version;

/** What was measured with what, and on what: no figure means anything without. */
function circumstances() {
  const [cpu] = os.cpus();
  return [
    `Node.js ${process.version}, ${process.platform} ${process.arch}, ${os.cpus().length} × ${cpu.model.trim()}`,
    `egg-session-native ${version('..')} (${require('..').engine.name} engine)`,
    `koa-session ${version('koa-session')} with egg-cookies ${version('egg-cookies')}, which is what egg-session ${version('egg-session')} runs`,
  ];
}

/** @param {Result} result */
function row({ title, original, ours, ratio }) {
  const micro = ({ median }) => median.toFixed(2);
  return `| ${title} | ${micro(original)} | ${micro(ours)} | **${ratio.median.toFixed(1)}×** | ${ratio.low.toFixed(1)}–${ratio.high.toFixed(1)} |`;
}

/** @param {Result[]} results */
function report(results) {
  const groups = Map.groupBy
    ? Map.groupBy(results, groupName)
    : results.reduce((map, result) => map.set(groupName(result), [...(map.get(groupName(result)) || []), result]), new Map());
  const tables = [...groups].map(([name, group]) => [
    `## ${name}`,
    '',
    '| request | egg-session, µs | egg-session-native, µs | ratio, median | quartiles |',
    '|---|---|---|---|---|',
    ...group.map(row),
    '',
  ].join('\n'));
  return [
    '# Measured: what a session costs a request',
    '',
    'Written by `npm run bench`. Time of one request through the middleware less the time of one through a middleware that does',
    'nothing, garbage collection included; contenders take turns within each round, and a ratio is taken within its round. Every',
    'request\'s answer is checked. On a shared machine the ratios mean something, single times little.',
    '',
    ...circumstances().map((line) => `- ${line}`),
    '',
    ...tables,
  ].join('\n');
}

/**
 * The README's table: how many times less a session of 300 B costs.
 *
 * @param {Result[]} results
 */
function summaryTable(results) {
  const ratioOf = (title, mode) => {
    const found = results.find((result) => result.title === title && result.mode === mode && result.size === 300);
    return found ? `${found.ratio.median.toFixed(1)}×` : '';
  };
  const titles = [...new Set(results.map(({ title }) => title))].filter((title) => title !== 'not touched');
  return [
    '| what a session of about 300 B costs a request, egg-session ÷ ours | encrypted | signed | store in memory |',
    '|---|---|---|---|',
    ...titles.map((title) => `| ${title} | ${['encrypted', 'signed', 'store'].map((mode) => ratioOf(title, mode)).join(' | ')} |`),
    '',
    `Node.js ${process.version}, ${require('..').engine.name} engine; the whole of it and how it was measured: [benchmark/results.md](benchmark/results.md).`,
  ].join('\n');
}

/** @param {Result} result */
function groupName({ mode, size }) {
  const names = { encrypted: 'Encrypted cookie', signed: 'Signed cookie', store: 'External store in memory' };
  return `${names[mode]}, session of about ${size} B`;
}

module.exports = { report, summaryTable };
