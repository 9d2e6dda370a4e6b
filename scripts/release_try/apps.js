'use strict';

// Fresh apps: written, started, used over HTTP, stopped.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { logInAndOut } = require('./browser');

const START_MS = 120_000;

/** @typedef {{ engine: string, reason?: string }} Engine */

const KOA_APP = fs.readFileSync(path.join(__dirname, 'koa_app.js'), 'utf8');

const EGG = {
  'config/plugin.js': `
    exports.session = { enable: true, package: 'egg-session-native' };
  `,
  'config/config.default.js': `
    exports.keys = 'a key for the trial';
    exports.session = { encrypt: true };
    exports.security = { csrf: { enable: false } };
  `,
  'app/router.js': `
    module.exports = app => {
      app.router.get('/login', async ctx => { ctx.session.user = ctx.query.name; ctx.body = 'welcome'; });
      app.router.get('/me', async ctx => { ctx.body = { user: ctx.session.user || null }; });
      app.router.get('/logout', async ctx => { ctx.session = null; ctx.body = 'bye'; });
    };
  `,
  'serve.js': `
    const egg = require('egg');
    const { engine } = require('egg-session-native');
    (egg.start || egg.startEgg)({ baseDir: __dirname, ignoreWarning: true }).then(app => {
      const plugin = require('node:fs').realpathSync(app.plugins.session.path);
      const own = require('node:fs').realpathSync(require('node:path').dirname(require.resolve('egg-session-native/package.json')));
      if (plugin !== own) throw new Error('Egg loaded the session plugin ' + plugin);
      const server = require('node:http').createServer(app.callback());
      server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, engine: engine.name, reason: engine.reason })));
    });
  `,
};

/** @param {string} folder @param {Record<string, string>} dependencies @param {Record<string, string>} [files] */
function writeApp(folder, dependencies, files = {}) {
  const app = 'egg' in dependencies ? EGG : { 'serve.js': KOA_APP };
  // Deno asks for the type, where Node has this one by itself.
  const manifest = JSON.stringify({ name: 'shop', version: '1.0.0', private: true, type: 'commonjs', dependencies }, null, 2);
  for (const [name, text] of Object.entries({ 'package.json': manifest, ...app, ...files })) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}

/**
 * Starts the app, uses it, stops it.
 *
 * @param {string} folder
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Engine>} the one that answered
 */
async function useApp(folder, command, env) {
  const child = spawn(command[0], command.slice(1), {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NODE_ENV: 'production', EGG_SERVER_ENV: 'prod', EGG_HOME: folder, HOME: folder },
  });
  const ended = new Promise(resolve => child.once('close', resolve));
  let output = '';
  child.stderr.setEncoding('utf8').on('data', chunk => { output += chunk; });
  try {
    /** @type {Engine & { port: number }} */
    const told = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the app did not listen\n${output}`)), START_MS);
      readline.createInterface({ input: child.stdout }).on('line', line => {
        output += `${line}\n`;
        const json = /\{"port":.*\}/.exec(line);
        if (json) resolve(JSON.parse(json[0]));
      });
      child.once('error', reject);
      ended.then(code => reject(new Error(`the app ended with ${code}\n${output}`))).finally(() => clearTimeout(timer));
    });
    await logInAndOut(told.port);
    return told;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

module.exports = { KOA_APP, useApp, writeApp };
