'use strict';

/** Folders of small apps, and `npx egg-session-native doctor` in them. */

const { after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { cli } = require('./cli');

const ROOT = path.join(__dirname, '../..');
const STRONG = 'a key of more than 16 bytes';

const folders = [];
after(() => folders.forEach(folder => fs.rmSync(folder, { recursive: true, force: true })));

/**
 * An app's folder with links to what it depends on.
 * @param {Record<string, string>} files by path
 * @param {string[]} modules
 */
function appFolder(files, modules) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'session-doctor-')));
  folders.push(folder);
  for (const [file, text] of Object.entries({ 'package.json': '{"name":"an-app","version":"1.0.0"}', ...files })) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
  for (const name of modules) {
    const link = path.join(folder, 'node_modules', name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(name === 'egg-session-native' ? ROOT : path.join(ROOT, 'node_modules', name), link, 'junction');
  }
  return folder;
}

/** @param {string} folder @param {string} [boot] @param {Record<string, string | undefined>} [env] */
function doctor(folder, boot, env) {
  const { code, stdout, stderr } = cli(['doctor', '--json', ...(boot ? ['--boot', boot] : [])], { cwd: folder, env });
  assert.notEqual(stdout, '', stderr);
  return { code, report: JSON.parse(stdout), stdout, stderr };
}

const koaApp = (options, rest = '') => `
const Koa = require('koa');
const createSession = require('egg-session-native');
const app = new Koa();
app.keys = [${JSON.stringify(STRONG)}];
app.use(createSession(${options}, app));
${rest}
module.exports = app;
`;
const KOA = ['koa', 'egg-session-native'];
const EGG = ['egg', 'egg-session-native'];
const PLUGIN = 'exports.session = { enable: true, package: \'egg-session-native\' };';
const eggConfig = (session = '{}', keys = STRONG) => `exports.keys = '${keys}'; exports.session = ${session};`;
const EGG_BOOT = 'module.exports = require(\'egg\').start({ baseDir: __dirname, env: \'prod\', mode: \'single\' });';

module.exports = { EGG, EGG_BOOT, KOA, PLUGIN, STRONG, appFolder, doctor, eggConfig, koaApp };
