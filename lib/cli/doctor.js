'use strict';

/** `doctor`: checks an app's folder, by its files alone; with `--boot` also the app itself. */

const fs = require('node:fs');
const path = require('node:path');
const { OWN_NAME, findPackages, findPluginLines, isFolder, readJSON } = require('./folder');
const { printable, table } = require('./text');
const { UsageError, parse } = require('./usage');
const { describeLibc } = require('../engine/native/libc');

const ROOT = path.join(__dirname, '../..');
const OPTIONS = /** @type {const} */ ({ boot: { type: 'string' }, json: { type: 'boolean' } });

/**
 * @param {string[]} args
 * @returns {Promise<import('./index').Answer>}
 */
async function run(args) {
  const { values, positionals } = parse(args, OPTIONS, 1);
  const folder = path.resolve(positionals[0] || '.');
  if (!isFolder(folder)) throw new UsageError('the folder does not exist');
  const report = { ...inspect(folder), app: /** @type {import('./boot').AppReport | null} */ (null) };
  if (values.boot !== undefined) {
    // Loads the engine, which the checks above try with care.
    const { boot } = require('./boot');
    const file = path.resolve(values.boot);
    if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new UsageError('the file of --boot does not exist');
    const found = report.findings;
    /** @param {import('./boot').AppReport} app */
    const add = (app) => Object.assign(report, { app, findings: [...found, ...app.findings] });
    add(await boot(file, folder, (app) => {
      // A process that ends waits for nothing.
      fs.writeSync(process.stdout.fd, outputOf(add(app), values.json));
      process.exitCode = 1;
    }));
  }
  return { code: report.findings.length === 0 ? 0 : 1, output: outputOf(report, values.json) };
}

/** @param {Report} report @param {boolean} asJSON */
function outputOf(report, asJSON) {
  return asJSON ? `${JSON.stringify(report)}\n` : textOf(report);
}

/** @param {string} folder */
function inspect(folder) {
  const { version, engines } = readJSON(path.join(ROOT, 'package.json'));
  const { engine, findings } = inspectEngine();
  const packages = findPackages(folder).map(({ name, version: found }) => ({ name, version: found }));
  const versionOf = (/** @type {string} */ name) => packages.find((found) => found.name === name)?.version;
  const { pluginLines, pluginOff } = findPluginLines(folder);
  const isEgg = versionOf('egg') !== undefined;
  if (isOlder(process.versions.node, engines.node)) findings.push(`Node.js ${process.versions.node} is older than this package supports: ${engines.node}`);
  const installed = versionOf(OWN_NAME);
  if (installed === undefined) findings.push(`${OWN_NAME} is not installed where this app finds it`);
  else if (installed !== version) findings.push(`the app finds ${OWN_NAME} ${installed}, and this is ${version}`);
  if (isEgg && pluginLines.length === 0) {
    findings.push(`config/plugin.* does not name ${OWN_NAME}: without that line Egg's own session plugin is at work`);
  }
  const isOn = pluginLines.some((file) => !pluginOff.includes(file));
  // Egg reads the file of the environment last. Others than production may well do without sessions.
  const off = isOn ? pluginOff.filter((file) => /\.prod\.\w+$/.test(file)) : pluginOff;
  if (isEgg && off.length > 0) findings.push(`the session plugin is turned off in ${off.join(', ')}`);
  return {
    folder,
    version,
    platform: `${process.platform} ${process.arch}, ${describeLibc()}, Node.js ${process.versions.node}`,
    engine,
    packages,
    pluginLines,
    pluginOff,
    framework: isEgg ? 'egg' : versionOf('koa') === undefined ? null : 'koa',
    findings,
  };
}

/** @returns {{ engine: { name: string, why: string } | null, findings: string[] }} */
function inspectEngine() {
  const wanted = process.env.EGG_SESSION_ENGINE;
  try {
    const { name, reason } = require('../engine');
    if (reason) return { engine: { name, why: reason }, findings: [`the portable engine stands in for the native one. ${reason}`] };
    return { engine: { name, why: wanted ? 'EGG_SESSION_ENGINE asks for it' : 'its binary loads' }, findings: [] };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return { engine: null, findings: [message] };
  }
}

/** @param {string} version @param {string} range of the form `>= x.y.z` */
function isOlder(version, range) {
  const [ours, least] = [version, range].map((text) => (/\d+\.\d+\.\d+/.exec(text) || ['0.0.0'])[0].split('.').map(Number));
  const i = ours.findIndex((part, at) => part !== least[at]);
  return i !== -1 && ours[i] < least[i];
}

/** @typedef {ReturnType<typeof inspect> & { app: import('./boot').AppReport | null }} Report */

/** @param {Report} report */
function textOf({ folder, version, platform, engine, packages, pluginLines, pluginOff, framework, app, findings }) {
  const plugin = (pluginLines.length > 0 ? `named in ${pluginLines.join(', ')}` : 'not named in config/plugin.*')
    + (pluginOff.length > 0 ? `, off in ${pluginOff.join(', ')}` : '');
  /** @type {[string, string | undefined][]} */
  const rows = [
    ['egg-session-native', version],
    ['folder', folder],
    ['platform', platform],
    ['engine', engine ? `${engine.name}: ${engine.why}` : 'none'],
  ];
  for (const found of packages) rows.push([found.name, found.version]);
  if (framework === 'egg') rows.push(['plugin', plugin]);
  if (app) rows.push(...app.rows);
  else rows.push(['app', 'not asked: --boot FILE loads the module that exports it']);
  const result = findings.length === 0 ? 'All well.\n' : findings.map((finding) => `- ${finding}\n`).join('');
  return printableLines(`${table(rows)}\n${result}`);
}

/** @param {string} text */
function printableLines(text) {
  return text.split('\n').map(printable).join('\n');
}

module.exports = { run };
