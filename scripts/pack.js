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
 * @param {string[]} folders that hold a package each
 * @param {string} out
 * @returns {string[]} the tarballs
 */
function npmPack(folders, out) {
  const args = ['pack', ...folders, '--json', '--ignore-scripts', `--pack-destination=${out}`];
  const npmCli = process.env.npm_execpath;
  /** @type {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
  const options = { cwd: out, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const { status, stdout, stderr } = npmCli && /npm-cli\.c?js$/.test(npmCli)
    ? spawnSync(process.execPath, [npmCli, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`\`npm pack\` failed: ${stderr}`);
  return folders.map(folder => {
    const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const tarball = path.join(out, `${name}-${version}.tgz`);
    if (!fs.existsSync(tarball)) throw new Error(`\`npm pack\` did not make ${tarball}: ${stdout}`);
    return tarball;
  });
}

/** @param {string} folder @param {object} manifest */
function writeManifest(folder, manifest) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} folder to lay the main package out in */
function layOutMain(folder) {
  const manifest = publishedManifest();
  writeManifest(folder, manifest);
  // What begins with '!' is left out by npm.
  for (const name of [...manifest.files.filter((/** @type {string} */ each) => !each.startsWith('!')), ...ALWAYS_PACKED]) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
}

/**
 * @param {string} folder to lay the platform's package out in
 * @param {Platform} platform
 * @param {string} binary its file
 */
function layOutPlatform(folder, platform, binary) {
  writeManifest(folder, platformManifest(platform));
  fs.cpSync(binary, path.join(folder, platform.binary));
  for (const name of ['LICENSE', NOTICES]) fs.cpSync(path.join(ROOT, name), path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'README.md'), `# ${platform.name}

The binary of [egg-session-native](https://www.npmjs.com/package/egg-session-native) for \`${platform.target}\`. It is
installed by that package, never by hand. ${NOTICES} names what is compiled in.
`);
}

/** @returns {Platform[]} those whose binary is here */
function builtPlatforms() {
  return platforms().filter(({ binary }) => fs.existsSync(path.join(ROOT, binary)));
}

/**
 * @param {string} out
 * @param {(platform: Platform) => string | null} [binaryOf] the file, null leaves the platform out; by default those built here
 * @returns {{ main: string, platforms: Record<string, string> }} the tarballs, those of the platforms by package name
 */
function packAll(out, binaryOf = ({ binary }) => (fs.existsSync(path.join(ROOT, binary)) ? path.join(ROOT, binary) : null)) {
  fs.mkdirSync(out, { recursive: true });
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-pack-'));
  try {
    const names = [];
    for (const platform of platforms()) {
      const binary = binaryOf(platform);
      if (binary === null) continue;
      layOutPlatform(path.join(scratch, platform.name), platform, binary);
      names.push(platform.name);
    }
    layOutMain(path.join(scratch, 'main'));
    const [main, ...tarballs] = npmPack(['main', ...names].map(name => path.join(scratch, name)), out);
    return { main, platforms: Object.fromEntries(names.map((name, index) => [name, tarballs[index]])) };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

module.exports = { packAll };

if (require.main === module) {
  main(() => {
    const args = process.argv.slice(2);
    const out = path.resolve(ROOT, args.find(arg => arg.startsWith('--out='))?.slice('--out='.length) ?? 'dist');
    const missing = platforms().filter(platform => !builtPlatforms().some(({ name }) => name === platform.name));
    if (args.includes('--every') && missing.length > 0) {
      throw new Error(`No binary of ${missing.map(({ binary }) => binary).join(', ')}`);
    }
    const tarballs = packAll(out);
    for (const tarball of [...Object.values(tarballs.platforms), tarballs.main]) {
      console.log(`${(fs.statSync(tarball).size / 1024).toFixed(0).padStart(6)} KB  ${tarball}`);
    }
  });
}
