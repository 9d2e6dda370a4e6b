'use strict';

/** What a run tells: lines for a terminal, and tables for docs/reliability-faults.md. */

const { median } = require('../load/verdict');
const { STORES } = require('./stores');

/** @typedef {Awaited<ReturnType<import('./run').runStore>>} Report */

const sorted = counts => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
const list = counts => sorted(counts).map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none';
const total = counts => Object.values(counts).reduce((sum, count) => sum + count, 0);
const mebibytes = bytes => (bytes / 2 ** 20).toFixed(1);

/** @param {Report} report @returns {string[]} */
function linesOf(report) {
  const { name, seed, seconds, requests, acknowledged, errors, closed, faults, losses, counts, findings, notes, leftOut } = report;
  const lines = [
    `${name}: ${requests} requests in ${Math.round(seconds)} s, ${acknowledged} acknowledged updates; ${errors} refused, ${closed} cut off; `
      + `${total(faults)} faults, ${total(counts)} findings`,
    `  faults: ${list(faults)}`,
  ];
  if (total(losses) > 0) lines.push(`  while the server lost data: ${list(losses)}`);
  lines.push(`  left out: ${reasonsOf(leftOut)}`);
  for (const note of notes) lines.push(`  note: ${note}`);
  if (total(counts) > 0) lines.push(`  FINDINGS, seed ${seed}: ${list(counts)}`);
  for (const { kind, details, second, faults: before, history } of findings) {
    lines.push(`  ${kind}, at second ${second.toFixed(1)}: ${details}`);
    if (before.length > 0) lines.push(`      faults: ${before.join('; ')}`);
    if (history.length > 0) lines.push(`      requests: ${history.join(' | ')}`);
  }
  return lines;
}

/** @param {Record<string, string>} leftOut @returns {string} */
const reasonsOf = leftOut => Object.entries(leftOut).map(([kind, reason]) => `${kind} (${reason})`).join(', ') || 'no fault';

/** Medians of the first and the last third, MiB. @param {Report} report */
function memoryOf({ samples }) {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return '–';
  return ['heapUsed', 'rss'].map(field => [samples.slice(0, third), samples.slice(-third)]
    .map(part => mebibytes(median(part.map(sample => sample[field])))).join(' → ')).join('; ');
}

/** @param {Report[]} reports @returns {string} markdown */
function markdownOf(reports) {
  const row = cells => `| ${cells.join(' | ')} |`;
  return [
    row(['store', 'minutes', 'requests', 'acknowledged updates', 'faults', 'findings', 'lost or back while the server lost data', 'heap; RSS, MiB']),
    '|---|---:|---:|---:|---:|---|---|---|',
    ...reports.map(report => row([
      STORES[report.name].title, (report.seconds / 60).toFixed(1), report.requests.toLocaleString('en'), report.acknowledged.toLocaleString('en'),
      total(report.faults).toLocaleString('en'), list(report.counts), list(report.losses), memoryOf(report),
    ])),
    '',
    ...reports.map(report => `${STORES[report.name].title}, seed ${report.seed}: ${list(report.faults)}. Left out: ${reasonsOf(report.leftOut)}.`),
    '',
  ].join('\n');
}

module.exports = { reasonsOf, linesOf, markdownOf };
