'use strict';

/**
 * Files in which each script owns a section: the lines between `<!-- measured by COMMAND -->` and `<!-- end -->`.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const RESULTS = path.join(__dirname, 'results.md');
const E2E_RESULTS = path.join(__dirname, 'results-e2e.md');
const STORES_RESULTS = path.join(__dirname, 'results-stores.md');
const README = path.join(__dirname, '..', 'README.md');
const CHINESE_README = path.join(__dirname, '..', 'README.zh-CN.md');
const BENCHMARKS = path.join(__dirname, '..', 'docs', 'benchmarks.md');

/** @param {string} file @param {string} command @param {string} text */
function writeSection(file, command, text) {
  const marker = `<!-- measured by ${command} -->\n`;
  const old = fs.readFileSync(file, 'utf8');
  const start = old.indexOf(marker);
  const end = old.indexOf('<!-- end -->', start);
  if (start === -1 || end === -1) throw new Error(`${file} has no section for ${command}`);
  fs.writeFileSync(file, `${old.slice(0, start)}${marker}\n${text.trim()}\n\n${old.slice(end)}`);
}

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

/** @param {string[]} titles @param {(string | number)[][]} rows */
function table(titles, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

module.exports = { BENCHMARKS, CHINESE_README, E2E_RESULTS, README, RESULTS, STORES_RESULTS, circumstances, table, version, writeSection };
