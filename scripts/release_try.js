'use strict';

// npm run release:try              a whole release into a registry on loopback, and installs from it
// npm run release:try -- --short   npm, one Koa app and one bundle
// npm run release:try -- WORDS     only the combinations with one of these words in their line
//
// Packs everything with the addresses of a stand-in, publishes with scripts/publish.js as a release does, twice, and starts each app of
// release_try/combinations.js: a login and a read over HTTP, and the engine that answered. Binaries that were not built here are stand-ins;
// the output says which. Everything is in a temporary folder, except for the tools in target/release-try.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setup, main } = require('./setup');
const { builtBinary, packAll } = require('./pack');
const { ROOT, platforms, publishedManifest, releaseAddresses } = require('./platforms');
const { useApp, writeApp } = require('./release_try/apps');
const { combinations } = require('./release_try/combinations');
const { startRegistry } = require('./release_try/registry');
const { bringRegistry, bringTools } = require('./release_try/tools');

/** @typedef {Awaited<ReturnType<typeof startRegistry>>} Registry */

/** @returns {NodeJS.ProcessEnv} without what npm tells the scripts that it runs, which an app of somebody else would not have */
function cleanEnv() {
  const foreign = /^npm_|^(?:EGG_SESSION_ENGINE|EGG_SESSION_NATIVE_COOKIES|NODE_TEST_CONTEXT|NODE_ENV|NODE_OPTIONS|CI)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** @param {string[]} command @param {string} cwd @param {NodeJS.ProcessEnv} env @returns {string} */
function run(command, cwd, env) {
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    cwd, env, encoding: 'utf8', maxBuffer: 1 << 26, shell: process.platform === 'win32' && /^np[mx]$/.test(command[0]),
  });
  if (status !== 0) throw new Error(`\`${command.join(' ')}\` failed: ${error ? error.message : `${stdout}\n${stderr}`}`);
  return stdout;
}

/** @param {string} folder @param {string} url @returns {string} the folder of the tarballs */
function pack(folder, url) {
  const standIn = path.join(folder, 'stand-in.node');
  fs.writeFileSync(standIn, 'no binary');
  const built = platforms().filter(platform => builtBinary(platform) !== null).map(({ suffix }) => suffix);
  const others = platforms().map(({ suffix }) => suffix).filter(suffix => !built.includes(suffix));
  console.log(`packed with the binary: ${built.join(', ')}; with a stand-in: ${others.join(', ') || 'none'}`);
  const dist = path.join(folder, 'dist');
  const addresses = { repository: `git+${url}egg-session-native.git`, homepage: `${url}readme`, bugs: `${url}issues` };
  packAll(dist, platform => builtBinary(platform) ?? standIn, { addresses });
  return dist;
}

/** @param {string} dist @param {Registry} registry @param {NodeJS.ProcessEnv} env */
async function publish(dist, { url }, env) {
  const command = [process.execPath, path.join(ROOT, 'scripts', 'publish.js'), `--dist=${dist}`, `--registry=${url}`];
  const lines = run(command, ROOT, env).trim().split('\n');
  const { name: mainName, version, optionalDependencies } = publishedManifest(releaseAddresses());
  const expected = [...platforms().map(({ name }) => name), mainName].map(name => `${name}@${version} published`);
  if (lines.join('\n') !== expected.join('\n')) throw new Error(`publish.js said:\n${lines.join('\n')}`);
  const again = run(command, ROOT, env).trim().split('\n');
  if (!again.every(line => line.endsWith(' is published already'))) throw new Error(`publish.js, run again, said:\n${again.join('\n')}`);

  /** @type {any} */
  const told = await (await fetch(url + mainName)).json();
  const published = told.versions[version];
  if (JSON.stringify(published.optionalDependencies) !== JSON.stringify(optionalDependencies)) {
    throw new Error(`the registry has other optional dependencies: ${JSON.stringify(published.optionalDependencies)}`);
  }
  if (!published.repository?.url.includes('127.0.0.1')) throw new Error('the registry was told no repository');
  for (const name of Object.keys(optionalDependencies)) {
    /** @type {any} */
    const platform = await (await fetch(url + name)).json();
    if (!(Date.parse(platform.time[version]) <= Date.parse(told.time[version]))) throw new Error(`${name} was published after the main package`);
  }
  console.log(`published ${lines.length} packages, the main one last; run again, nothing was published twice`);
}

/**
 * @param {import('./release_try/loaders').Combination} combination
 * @param {string} folder
 * @param {Registry} registry
 * @param {NodeJS.ProcessEnv} env
 */
async function attempt({ name, engine, attempt: carryOut }, folder, registry, env) {
  const app = path.join(folder, 'app');
  const scratch = path.join(folder, 'scratch');
  for (const each of [app, scratch]) fs.mkdirSync(each, { recursive: true });
  const told = await carryOut({
    folder: app, scratch, registry: registry.url,
    get tools() { return bringTools(); },
    run: (command, more = {}) => run(command, app, { ...env, ...more }),
    write: (dependencies, files) => writeApp(app, dependencies, files),
    use: (command, options = {}) => useApp(options.folder ?? app, command, env),
  });
  if (told.engine !== engine) throw new Error(`${name}: the ${told.engine} engine answered, not the ${engine} one. ${told.reason ?? ''}`);
  return told;
}

async function tryRelease() {
  const args = process.argv.slice(2);
  const words = args.filter(arg => !arg.startsWith('--'));
  const chosen = combinations.filter(({ name, isShort }) => (
    (!args.includes('--short') || isShort) && (words.length === 0 || words.some(word => name.includes(word)))));
  if (chosen.length === 0) throw new Error(`No combination has ${words.join(' or ')} in its line`);
  setup();
  const verdaccio = bringRegistry();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-release-'));
  const { name: mainName } = publishedManifest(releaseAddresses());
  const registry = await startRegistry(verdaccio, path.join(folder, 'registry'), `${mainName}*`);
  const failed = [];
  try {
    const env = { ...cleanEnv(), NPM_CONFIG_USERCONFIG: registry.npmrc, npm_config_registry: registry.url };
    await publish(pack(folder, registry.url), registry, env);
    for (const [index, combination] of chosen.entries()) {
      const started = Date.now();
      const own = path.join(folder, String(index));
      try {
        const told = await attempt(combination, own, registry, env);
        console.log(`ok    ${combination.name}: ${told.engine} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
      } catch (err) {
        failed.push(combination.name);
        console.log(`FAIL  ${combination.name}: ${err instanceof Error ? err.message : err}`);
      }
      fs.rmSync(own, { recursive: true, force: true });
    }
  } finally {
    await registry.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${chosen.length} combinations, ${failed.length} failed`);
  if (failed.length > 0) process.exitCode = 1;
}

main(tryRelease);
