'use strict';

// What the release's trial tries: apps, the ways to install into them, and the ways to run them. Bundlers and test runners: loaders.js.

const fs = require('node:fs');
const path = require('node:path');
const { KOA, NPM, LOADERS } = require('./loaders');
const { VERSIONS } = require('./tools');

/** @typedef {import('./loaders').Context} Context */
/** @typedef {import('./loaders').Combination} Combination */

const OURS = { 'egg-session-native': KOA['egg-session-native'] };
/** @typedef {{ name: string, dependencies: Record<string, string>, node?: number, pnpMode?: string }} Framework */
/** @type {Framework[]} */
const FRAMEWORKS = [
  { name: 'Koa 3.3.0', dependencies: KOA },
  { name: 'Egg 3.34.0', dependencies: { egg: '3.34.0', ...OURS } },
  { name: 'Egg 4.0.10', dependencies: { egg: '4.0.10', ...OURS } },
  // Its @eggjs/ajv-plugin imports @eggjs/tegg-plugin, which it does not declare: strict PnP refuses that.
  { name: 'Egg 4.1.2-beta.9', dependencies: { egg: '4.1.2-beta.9', ...OURS }, node: 22, pnpMode: 'loose' },
];

/** @param {Context} context @param {number} [line] @returns {string} the program */
const nodeOf = (context, line) => (line === undefined ? process.execPath : context.tools.node[line]);

/** @param {Context} context @param {string[]} args */
const pnpm = ({ run, tools, scratch }, ...args) => (
  run([...tools.pnpm, ...args, '--store-dir', path.join(scratch, 'pnpm-store')], { CI: 'true' }));

/** @param {Context} context @param {string} linker @param {string} [pnpMode] */
function yarn4({ run, tools, scratch, registry }, linker, pnpMode = 'strict') {
  run([...tools.yarn4, 'install'], {
    YARN_NODE_LINKER: linker, YARN_PNP_MODE: pnpMode, YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ''), YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_GLOBAL_FOLDER: path.join(scratch, 'yarn4'), YARN_ENABLE_TELEMETRY: '0', YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    // Yarn refuses what was published a moment ago.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
  });
}

/** @param {string} folder @returns {string[]} for Node: yarn writes the loader where an app has ES modules */
function pnpFlags(folder) {
  const loader = './.pnp.loader.mjs';
  return ['--require', './.pnp.cjs', ...fs.existsSync(path.join(folder, loader)) ? ['--experimental-loader', loader] : []];
}

/** @type {{ name: string, install: (context: Context, framework: Framework) => unknown, flags?: (folder: string) => string[] }[]} */
const MANAGERS = [
  { name: 'npm', install: ({ run }) => run(NPM) },
  { name: `pnpm ${VERSIONS.pnpm}`, install: context => pnpm(context, 'install') },
  {
    name: `yarn ${VERSIONS.yarn}`,
    // It compares the Node that it runs in with what packages ask for.
    install: (context, { node }) => context.run([
      nodeOf(context, node), context.tools.yarn1, 'install', '--non-interactive',
      '--registry', context.registry, '--cache-folder', path.join(context.scratch, 'yarn1'),
    ]),
  },
  { name: `yarn ${VERSIONS['@yarnpkg/cli-dist']} node-modules`, install: context => yarn4(context, 'node-modules') },
  { name: `yarn ${VERSIONS['@yarnpkg/cli-dist']} PnP`, install: (context, { pnpMode }) => yarn4(context, 'pnp', pnpMode), flags: pnpFlags },
];

/** @type {Combination[]} */
const installed = FRAMEWORKS.flatMap(framework => MANAGERS.map((manager, index) => ({
  name: `${framework.name}, ${manager.name}`,
  engine: 'native',
  isShort: framework === FRAMEWORKS[0] && index === 0,
  attempt: async context => {
    context.write(framework.dependencies);
    manager.install(context, framework);
    return context.use([nodeOf(context, framework.node), ...manager.flags?.(context.folder) ?? [], 'serve.js']);
  },
})));

/**
 * @param {string} name
 * @param {string} engine
 * @param {Record<string, string>} dependencies
 * @param {string[]} options of npm
 * @returns {Combination}
 */
const withOptions = (name, engine, dependencies, ...options) => ({
  name: `${name}, npm ${options.join(' ')}`,
  engine,
  attempt: async ({ write, run, use }) => {
    write(dependencies);
    run([...NPM, ...options]);
    return use([process.execPath, 'serve.js']);
  },
});

/** @type {Combination[]} */
const further = [
  {
    name: 'Egg 4.1.2-beta.9 in Node 24, npm',
    engine: 'native',
    attempt: async ({ write, run, use, tools }) => {
      write(FRAMEWORKS[3].dependencies);
      run(NPM);
      return use([tools.node[24], 'serve.js']);
    },
  },
  withOptions('Koa 3.3.0', 'portable', KOA, '--omit=optional'),
  withOptions('Egg 3.34.0', 'portable', FRAMEWORKS[1].dependencies, '--omit=optional'),
  withOptions('Koa 3.3.0', 'native', KOA, '--ignore-scripts'),
  {
    name: 'Koa 3.3.0, npm ci with a lockfile made for darwin arm64',
    engine: 'native',
    attempt: async ({ folder, write, run, use }) => {
      write(KOA);
      run([...NPM, '--os=darwin', '--cpu=arm64']);
      const ours = fs.readdirSync(path.join(folder, 'node_modules')).filter(each => each.startsWith('egg-session-native-'));
      if (ours.join() !== 'egg-session-native-darwin-arm64') throw new Error(`for darwin arm64 npm installed ${ours.join() || 'nothing'}`);
      run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
      return use([process.execPath, 'serve.js']);
    },
  },
  {
    name: `Koa 3.3.0, bun ${VERSIONS.bun} installs and runs`,
    engine: 'native',
    attempt: async ({ write, run, use, tools, scratch, registry }) => {
      write(KOA);
      run([tools.bun, 'install', '--registry', registry], { BUN_INSTALL_CACHE_DIR: path.join(scratch, 'bun') });
      return use([tools.bun, 'serve.js']);
    },
  },
  {
    name: `Koa 3.3.0, npm, deno ${VERSIONS.deno} runs`,
    engine: 'native',
    attempt: async ({ write, run, use, tools }) => {
      write(KOA);
      run(NPM);
      return use([tools.deno, 'run', '--allow-all', '--no-remote', '--node-modules-dir=manual', 'serve.js']);
    },
  },
];

module.exports = { combinations: [...installed, ...further, ...LOADERS] };
