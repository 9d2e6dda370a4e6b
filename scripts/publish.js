'use strict';

// node scripts/publish.js [--dry-run]
// Publishes the tarballs of dist/ with provenance: every platform's, and only when all of them are there, the main one,
// so that nobody installs a version whose binary is missing. What the registry has already is left alone: after a failure
// in the middle it may be run again. Only .github/workflows/release.yml runs it without --dry-run.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, platforms, publishedManifest } = require('./platforms');
const { main } = require('./setup');

/** @param {string[]} args @returns {{ ok: boolean, stdout: string, stderr: string }} */
function npm(...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
  return { ok: status === 0, stdout, stderr };
}

/** @param {string} name @param {string} version @returns {boolean} */
function isPublished(name, version) {
  const { ok, stdout, stderr } = npm('view', `${name}@${version}`, 'version');
  if (!ok && !/E404/.test(stderr)) throw new Error(`\`npm view ${name}@${version}\` failed: ${stderr}`);
  return stdout.trim() === version;
}

main(() => {
  const isDryRun = process.argv.includes('--dry-run');
  const { name: mainName, version, repository } = publishedManifest();
  if (!repository && !isDryRun) throw new Error('package.json has no `repository`, by which provenance is checked');

  const names = [...platforms().map(({ name }) => name), mainName];
  const tarballOf = (/** @type {string} */ name) => path.join(ROOT, 'dist', `${name}-${version}.tgz`);
  const absent = names.filter(name => !fs.existsSync(tarballOf(name)));
  if (absent.length > 0) throw new Error(`dist/ has no ${absent.map(name => path.basename(tarballOf(name))).join(', ')}: \`npm run pack:all -- --every\``);

  for (const name of names) {
    if (!isDryRun && isPublished(name, version)) {
      console.log(`${name}@${version} is published already`);
      continue;
    }
    const { ok, stderr } = npm('publish', tarballOf(name), '--access=public', ...(isDryRun ? ['--dry-run'] : ['--provenance']));
    if (!ok) throw new Error(`\`npm publish\` of ${name} failed, and nothing after it was tried: ${stderr}`);
    console.log(`${name}@${version}${isDryRun ? ' would be' : ''} published`);
  }
});
