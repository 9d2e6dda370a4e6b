'use strict';

// npm run pack:all                 tarballs of the main package and of every platform whose binary is here, in dist/
// npm run pack:all -- --every      fails unless all platforms' binaries are here (for the release)
// npm run pack:all -- --out=DIR    somewhere else
//
// Each package is laid out in a temporary folder, from which `npm pack` takes it: the tarball is what is published,
// and no script of ours runs when it is installed.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, platforms, platformManifest, publishedManifest } = require('./platforms');
const { main } = require('./setup');

const NOTICES = 'THIRD_PARTY_NOTICES.md';
const ALWAYS_PACKED = ['README.md', 'LICENSE'];

/** @typedef {import('./platforms').Platform} Platform */

/**
 * @param {string} folder that holds a package
 * @param {string} out
 * @returns {string} the tarball
 */
function npmPack(folder, out) {
  const args = ['pack', '--json', '--ignore-scripts', `--pack-destination=${out}`];
  const npmCli = process.env.npm_execpath;
  /** @type {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const { status, stdout, stderr } = npmCli && /npm-cli\.c?js$/.test(npmCli)
    ? spawnSync(process.execPath, [npmCli, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`\`npm pack\` failed: ${stderr}`);
  const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const tarball = path.join(out, `${name}-${version}.tgz`);
  if (!fs.existsSync(tarball)) throw new Error(`\`npm pack\` did not make ${tarball}: ${stdout}`);
  return tarball;
}

/**
 * @param {object} manifest
 * @param {Record<string, string>} files name in the package → where it is now
 * @param {string} out
 */
function packFiles(manifest, files, out) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-pack-'));
  try {
    fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const [name, source] of Object.entries(files)) fs.cpSync(source, path.join(folder, name), { recursive: true });
    return npmPack(folder, out);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} out @returns {string} the tarball */
function packMain(out) {
  const manifest = publishedManifest();
  const listed = [...manifest.files, ...ALWAYS_PACKED].filter(name => fs.existsSync(path.join(ROOT, name)));
  return packFiles(manifest, Object.fromEntries(listed.map(name => [name, path.join(ROOT, name)])), out);
}

/**
 * @param {Platform} platform
 * @param {string} out
 * @param {string} [binary] its file; by default the one built in this folder
 * @returns {string} the tarball
 */
function packPlatform(platform, out, binary = path.join(ROOT, platform.binary)) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-pack-'));
  const readme = path.join(folder, 'README.md');
  try {
    fs.writeFileSync(readme, `# ${platform.name}

The binary of [egg-session-native](https://www.npmjs.com/package/egg-session-native) for \`${platform.target}\`. It is
installed by that package, never by hand. ${NOTICES} names what is compiled in.
`);
    return packFiles(platformManifest(platform), {
      [platform.binary]: binary,
      LICENSE: path.join(ROOT, 'LICENSE'),
      [NOTICES]: path.join(ROOT, NOTICES),
      'README.md': readme,
    }, out);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Platform[]} those whose binary is here */
function builtPlatforms() {
  return platforms().filter(({ binary }) => fs.existsSync(path.join(ROOT, binary)));
}

/**
 * @param {string} out
 * @returns {{ main: string, platforms: string[] }} the tarballs
 */
function packAll(out) {
  fs.mkdirSync(out, { recursive: true });
  return { platforms: builtPlatforms().map(platform => packPlatform(platform, out)), main: packMain(out) };
}

module.exports = { packAll, packMain, packPlatform };

if (require.main === module) {
  main(() => {
    const args = process.argv.slice(2);
    const out = path.resolve(ROOT, args.find(arg => arg.startsWith('--out='))?.slice('--out='.length) ?? 'dist');
    const missing = platforms().filter(platform => !builtPlatforms().some(({ name }) => name === platform.name));
    if (args.includes('--every') && missing.length > 0) {
      throw new Error(`No binary of ${missing.map(({ binary }) => binary).join(', ')}`);
    }
    const tarballs = packAll(out);
    for (const tarball of [...tarballs.platforms, tarballs.main]) {
      console.log(`${(fs.statSync(tarball).size / 1024).toFixed(0).padStart(6)} KB  ${tarball}`);
    }
  });
}
