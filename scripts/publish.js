'use strict';

// node scripts/publish.js                             publishes the tarballs of dist/: .github/workflows/release.yml does
// node scripts/publish.js --dry-run                   says what it would publish, and what it would refuse
// node scripts/publish.js --dist=DIR --registry=URL   to a registry on loopback: `npm run release:try` does
//
// Every platform's package first, and only when all of them are there the main one, so that nobody installs a version whose binary is
// missing. What the registry has already is left alone: after a failure in the middle it may be run again.
// What is published has provenance, which only a CI with OIDC can give; on loopback there is none.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { tarballOf } = require('./pack');
const { ADDRESSES, ROOT, platforms, publishedManifest, releaseAddresses } = require('./platforms');
const { main } = require('./setup');

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?\//;
/** What npm takes a token for its provenance from: GitHub's and GitLab's variables. */
const OIDC = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'SIGSTORE_ID_TOKEN'];

/** @typedef {{ name: string, tarball: string }} Package */

/** @param {string[]} args @returns {{ ok: boolean, stdout: string, stderr: string }} */
function npm(...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
  return { ok: status === 0, stdout, stderr };
}

/** @param {string} tarball @param {string} file @returns {string} its text */
function fileOf(tarball, file) {
  const { status, stdout, stderr } = spawnSync('tar', ['-xzOf', path.basename(tarball), `package/${file}`], { cwd: path.dirname(tarball), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tarball} has no ${file}: ${stderr}`);
  return stdout;
}

/**
 * @param {Package[]} packages the main one last
 * @param {boolean} isOnLoopback
 * @returns {string[]} what a release lacks
 */
function lacks(packages, isOnLoopback) {
  const found = [];
  for (const { name, tarball } of packages) {
    const manifest = JSON.parse(fileOf(tarball, 'package.json'));
    const missing = ['repository', 'homepage', 'bugs'].filter(field => !manifest[field]);
    if (missing.length > 0) {
      found.push(`${name} has no ${missing.map(field => `\`${field}\``).join(', ')}: fill in ${ADDRESSES}, and pack again`);
    } else if (!isOnLoopback && /127\.0\.0\.1|localhost/.test(JSON.stringify([manifest.repository, manifest.homepage, manifest.bugs]))) {
      found.push(`${name} has the addresses of a dry run: pack again`);
    }
  }
  const { tarball } = packages[packages.length - 1];
  const { version } = JSON.parse(fileOf(tarball, 'package.json'));
  const heading = fileOf(tarball, 'CHANGELOG.md').split('\n').find(line => line.startsWith(`## [${version}] - `));
  if (!isOnLoopback && !/ - \d{4}-\d\d-\d\d$/.test(heading ?? '')) found.push(`CHANGELOG.md has no date for ${version}: npm run release:date, and pack again`);
  if (!isOnLoopback && !OIDC.some(name => process.env[name])) {
    found.push('there is no provenance here: .github/workflows/release.yml publishes, for it has OIDC');
  }
  return found;
}

/** @param {string} name @param {string} version @param {string[]} options @returns {boolean} */
function isPublished(name, version, options) {
  const { ok, stdout, stderr } = npm('view', `${name}@${version}`, 'version', ...options);
  if (!ok && !/E404/.test(stderr)) throw new Error(`\`npm view ${name}@${version}\` failed: ${stderr}`);
  return stdout.trim() === version;
}

/** @param {string} name of an option @returns {string | undefined} */
function option(name) {
  return process.argv.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

main(() => {
  const isDryRun = process.argv.includes('--dry-run');
  const registry = option('registry');
  if (registry !== undefined && !LOOPBACK.test(registry)) throw new Error('--registry takes an address on loopback: http://127.0.0.1:PORT/');
  const dist = path.resolve(ROOT, option('dist') ?? 'dist');
  const { name: mainName, version } = publishedManifest(releaseAddresses());
  const packages = [...platforms().map(({ name }) => name), mainName].map(name => ({ name, tarball: tarballOf(dist, name, version) }));

  const absent = packages.filter(({ tarball }) => !fs.existsSync(tarball));
  if (absent.length > 0) {
    throw new Error(`${dist} has no ${absent.map(({ tarball }) => path.basename(tarball)).join(', ')}: \`npm run pack:all -- --every\``);
  }
  const refusals = lacks(packages, registry !== undefined);
  if (isDryRun) for (const refusal of refusals) console.log(`Would be refused: ${refusal}`);
  else if (refusals.length > 0) throw new Error(`Nothing was published:\n  ${refusals.join('\n  ')}`);

  const options = registry === undefined ? [] : [`--registry=${registry}`];
  for (const { name, tarball } of packages) {
    if (!isDryRun && isPublished(name, version, options)) {
      console.log(`${name}@${version} is published already`);
      continue;
    }
    const how = isDryRun ? ['--dry-run'] : registry === undefined ? ['--provenance'] : ['--provenance=false'];
    const { ok, stderr } = npm('publish', tarball, '--access=public', ...how, ...options);
    if (!ok) throw new Error(`\`npm publish\` of ${name} failed, and nothing after it was tried: ${stderr}`);
    console.log(`${name}@${version}${isDryRun ? ' would be' : ''} published`);
  }
});
