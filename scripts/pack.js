'use strict';

// npm run pack:all                 tarballs of the main package and of every platform whose binary is here, in dist/
// npm run pack:all -- --every      fails unless all platforms' binaries are here, and the bills of materials of `npm run sbom`
// npm run pack:all -- --out=DIR    somewhere else
//
// Each package is laid out in a temporary folder, from which `npm pack` takes it: the tarball is what is published,
// and no script of ours runs when it is installed.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, SBOM, platforms, platformManifest, publishedManifest, releaseAddresses } = require('./platforms');
const { main } = require('./setup');

const NOTICES = 'THIRD_PARTY_NOTICES.md';
const ALWAYS_PACKED = ['README.md', 'LICENSE'];

/** Where `npm run sbom` puts its files. */
const SBOMS = path.join(ROOT, 'dist', 'sbom');

/** @typedef {import('./platforms').Platform} Platform */
/** @typedef {import('./platforms').Addresses} Addresses */

/** @param {string} folder @param {string} name of the package @param {string} version @returns {string} where `npm pack` puts it */
function tarballOf(folder, name, version) {
  return path.join(folder, `${name}-${version}.tgz`);
}

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
    const tarball = tarballOf(out, name, version);
    if (!fs.existsSync(tarball)) throw new Error(`\`npm pack\` did not make ${tarball}: ${stdout}`);
    return tarball;
  });
}

/** @param {string} folder @param {object} manifest */
function writeManifest(folder, manifest) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} name of the package @param {string} [sboms] @returns {string} where its bill of materials is, once it was made */
function sbomOf(name, sboms = SBOMS) {
  return path.join(sboms, `${name}.cdx.json`);
}

/**
 * @param {string} folder of the package
 * @param {string} name
 * @param {string} sboms
 * @param {string} [binary] the file in the package
 */
function addSbom(folder, name, sboms, binary) {
  const text = fs.readFileSync(sbomOf(name, sboms), 'utf8');
  const hash = binary && crypto.createHash('sha256').update(fs.readFileSync(path.join(folder, binary))).digest('hex');
  if (hash && !text.includes(hash)) throw new Error(`The bill of materials of ${name} is about another binary: npm run sbom`);
  fs.writeFileSync(path.join(folder, SBOM), text);
}

/** @param {string} folder to lay the main package out in @param {any} manifest */
function layOutMain(folder, manifest) {
  writeManifest(folder, manifest);
  // What begins with '!' is left out by npm.
  for (const name of [...manifest.files, ...ALWAYS_PACKED].filter((/** @type {string} */ each) => each !== SBOM && !each.startsWith('!'))) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
}

/**
 * @param {string} folder to lay the platform's package out in
 * @param {Platform} platform
 * @param {string} binary its file
 * @param {Addresses} addresses
 */
function layOutPlatform(folder, platform, binary, addresses) {
  writeManifest(folder, platformManifest(platform, addresses));
  fs.cpSync(binary, path.join(folder, platform.binary));
  for (const name of ['LICENSE', NOTICES]) fs.cpSync(path.join(ROOT, name), path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'README.md'), `# ${platform.name}

The binary of [egg-session-native](https://www.npmjs.com/package/egg-session-native) for \`${platform.target}\`. It is
installed by that package, never by hand. ${NOTICES} names what is compiled in.
`);
}

/**
 * @param {Platform} platform
 * @returns {string | null}
 */
function builtBinary({ binary }) {
  const file = path.join(ROOT, binary);
  return fs.existsSync(file) ? file : null;
}

/**
 * @param {string} out
 * @param {(platform: Platform) => string | null} [binaryOf] the file, null leaves the platform out; by default those built here
 * @param {{ addresses?: Addresses, sboms?: string }} [options] sboms: a folder of `npm run sbom`, whose files are packed
 * @returns {{ main: string, platforms: Record<string, string> }} the tarballs, those of the platforms by package name
 */
function packAll(out, binaryOf = builtBinary, { addresses = releaseAddresses(), sboms } = {}) {
  fs.mkdirSync(out, { recursive: true });
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-pack-'));
  try {
    /** @type {string[]} */
    const names = [];
    for (const platform of platforms()) {
      const binary = binaryOf(platform);
      if (binary === null) continue;
      layOutPlatform(path.join(scratch, platform.name), platform, binary, addresses);
      names.push(platform.name);
    }
    const manifest = publishedManifest(addresses);
    layOutMain(path.join(scratch, 'main'), manifest);
    if (sboms !== undefined) {
      addSbom(path.join(scratch, 'main'), manifest.name, sboms);
      const packed = platforms().filter(({ name }) => names.includes(name));
      for (const { name, binary } of packed) addSbom(path.join(scratch, name), name, sboms, binary);
    }
    const [main, ...tarballs] = npmPack(['main', ...names].map(name => path.join(scratch, name)), out);
    return { main, platforms: Object.fromEntries(names.map((name, index) => [name, tarballs[index]])) };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

module.exports = { builtBinary, packAll, sbomOf, tarballOf };

if (require.main === module) {
  main(() => {
    const args = process.argv.slice(2);
    const out = path.resolve(ROOT, args.find(arg => arg.startsWith('--out='))?.slice('--out='.length) ?? 'dist');
    const isForRelease = args.includes('--every');
    if (isForRelease) {
      const missing = platforms().filter(platform => builtBinary(platform) === null);
      if (missing.length > 0) throw new Error(`No binary of ${missing.map(({ binary }) => binary).join(', ')}`);
      const unlisted = [publishedManifest(releaseAddresses()), ...platforms()].filter(({ name }) => !fs.existsSync(sbomOf(name)));
      if (unlisted.length > 0) throw new Error(`No bill of materials of ${unlisted.map(({ name }) => name).join(', ')}: npm run sbom`);
    }
    const tarballs = packAll(out, builtBinary, { sboms: isForRelease ? SBOMS : undefined });
    for (const tarball of [...Object.values(tarballs.platforms), tarballs.main]) {
      console.log(`${(fs.statSync(tarball).size / 1024).toFixed(0).padStart(6)} KB  ${tarball}`);
    }
  });
}
