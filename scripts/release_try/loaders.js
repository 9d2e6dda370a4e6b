'use strict';

// Test runners and bundlers, which load the package in ways of their own. Each has the Koa app, installed by npm.

const fs = require('node:fs');
const path = require('node:path');
const { KOA_APP } = require('./apps');
const { BESIDE } = require('./tools');

/**
 * @typedef {object} Context of a combination
 * @property {string} folder the app's, empty at first
 * @property {string} scratch for what must not be beside the app
 * @property {string} registry
 * @property {import('./tools').Tools} tools brought when a combination asks for them
 * @property {(command: string[], env?: NodeJS.ProcessEnv) => string} run in the folder
 * @property {(dependencies: Record<string, string>, files?: Record<string, string>) => void} write the app
 * @property {(command: string[], options?: { folder?: string }) => Promise<import('./apps').Engine>} use the app
 */
/**
 * @typedef {object} Combination
 * @property {string} name
 * @property {string} engine that must answer: native, or portable
 * @property {boolean} [isShort] part of the short form
 * @property {(context: Context) => Promise<import('./apps').Engine>} attempt
 */

const KOA = { koa: '3.3.0', 'egg-session-native': require('../../package.json').version };
const NPM = ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'];

const BROWSER = fs.readFileSync(path.join(__dirname, 'browser.js'), 'utf8');

/** Inside a test runner. What the app told goes through a file, for runners decorate what is printed. */
const USE = `
  test('the app answers', async () => {
    const { server, ...told } = await started;
    await logInAndOut(told.port);
    require('node:fs').writeFileSync('told.json', JSON.stringify(told));
    await new Promise(resolve => server.close(resolve));
  }, 60_000);
`;

/**
 * @param {string} name
 * @param {Record<string, string>} beside packages
 * @param {Record<string, string>} files
 * @param {string[]} command after `npx`
 * @returns {Combination}
 */
const inTestRunner = (name, beside, files, ...command) => ({
  name: `Koa 3.3.0 in ${name}`,
  engine: 'native',
  attempt: async ({ folder, write, run }) => {
    write({ ...KOA, ...beside }, { 'browser.js': BROWSER, ...files });
    run(NPM);
    run(['npx', '--no', ...command]);
    return JSON.parse(fs.readFileSync(path.join(folder, 'told.json'), 'utf8'));
  },
});

/**
 * @param {string} name
 * @param {Record<string, string>} beside packages
 * @param {{ files?: Record<string, string>, command: string[], engine?: string, isShort?: boolean, stays?: boolean }} bundler stays: the
 *   bundle needs the node_modules of the app; others are moved away from them
 * @returns {Combination}
 */
const inBundle = (name, beside, { files, command, engine = 'native', isShort = false, stays = false }) => ({
  name: `Koa 3.3.0 in a bundle of ${name}`,
  engine,
  isShort,
  attempt: async ({ folder, scratch, write, run, use }) => {
    write({ ...KOA, ...beside }, files);
    run(NPM);
    run(['npx', '--no', ...command]);
    const away = path.join(scratch, 'bundle');
    if (!stays) fs.renameSync(path.join(folder, 'out'), away);
    const [script] = fs.readdirSync(stays ? path.join(folder, 'out') : away).filter(each => /^(?:serve|index|main)\.js$/.test(each));
    return use([process.execPath, stays ? path.join('out', script) : script], stays ? {} : { folder: away });
  },
});

const WEBPACK = { webpack: BESIDE.webpack, 'webpack-cli': BESIDE['webpack-cli'] };
/** @param {string} more settings @returns {Record<string, string>} */
const webpackConfig = more => ({
  'webpack.config.js': `
    module.exports = {
      mode: 'production', target: 'node', entry: './serve.js', output: { path: __dirname + '/out', filename: 'serve.js' }, ${more}
    };
  `,
});

/** @type {Combination[]} */
const LOADERS = [
  inTestRunner(`Jest ${BESIDE.jest}`, { jest: BESIDE.jest }, {
    'app.test.js': `const { logInAndOut } = require('./browser');\nconst started = require('./serve');\n${USE}`,
  }, 'jest', '--forceExit'),
  inTestRunner(`Vitest ${BESIDE.vitest}`, { vitest: BESIDE.vitest }, {
    'serve.mjs': KOA_APP.replace(/^const (\w+) = require\((.*)\);$/gm, 'import $1 from $2;').replace('module.exports =', 'export default'),
    'app.test.mjs': `
      import { createRequire } from 'node:module';
      import { test } from 'vitest';
      import started from './serve.mjs';
      const require = createRequire(import.meta.url);
      const { logInAndOut } = require('./browser.js');
      ${USE}
    `,
  }, 'vitest', 'run'),
  inBundle(`esbuild ${BESIDE.esbuild}, --loader:.node=copy`, { esbuild: BESIDE.esbuild }, {
    command: ['esbuild', 'serve.js', '--bundle', '--platform=node', '--loader:.node=copy', '--outdir=out'], isShort: true,
  }),
  inBundle(`ncc ${BESIDE['@vercel/ncc']}`, { '@vercel/ncc': BESIDE['@vercel/ncc'] }, { command: ['ncc', 'build', 'serve.js', '--out', 'out'] }),
  inBundle(`webpack ${BESIDE.webpack} with node-loader`, { ...WEBPACK, 'node-loader': BESIDE['node-loader'] }, {
    command: ['webpack'],
    files: webpackConfig('node: { __dirname: false }, module: { rules: [{ test: /\\.node$/, loader: \'node-loader\' }] }'),
  }),
  inBundle(`webpack ${BESIDE.webpack}, the binary as an external`, WEBPACK, {
    command: ['webpack'], files: webpackConfig('externalsType: \'commonjs\', externals: [/^egg-session-native-/, /\\.node$/]'), stays: true,
  }),
];

module.exports = { KOA, NPM, LOADERS };
