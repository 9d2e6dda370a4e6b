'use strict';

/** The tarballs in a fresh Egg app of one major: a real login on each Node that we promise, native and without a binary. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { Packed, npm, run } = require('./packed');
const { writeEggApp, visit, LOGGED_IN_AND_OUT } = require('./install_apps');
const { nodeOf, MAJORS } = require('./node_versions');

/** @param {string} folder @returns {string[]} lines of the app's own log and of Egg's that speak of the portable engine */
function standInLines(folder) {
  const logs = path.join(folder, 'logs/shop');
  return ['shop-web.log', 'egg-web.log']
    .map(name => path.join(logs, name))
    .filter(file => fs.existsSync(file))
    .flatMap(file => fs.readFileSync(file, 'utf8').split('\n'))
    .filter(line => line.includes('portable engine'));
}

/**
 * @param {{ major: 2 | 3 | 4, egg: string, nodes?: number[], newestNode?: number }} framework `nodes`: the majors of Node that it runs on
 */
module.exports = function suite({ major, egg, nodes = MAJORS, newestNode }) {
  const name = `Egg ${egg.replace(/^(\d+\.\d+).*/, '$1')}`;
  const node = newestNode && nodeOf(newestNode);
  const packed = new Packed();
  test.after(() => packed.remove());
  const folder = packed.app('shop', { egg });
  writeEggApp(folder);
  const plugin = fs.realpathSync(packed.folder) + path.join('/shop/node_modules/egg-session-native');

  test(`npm i into a fresh ${name} app`, () => {
    npm(folder, 'install');
    assert.ok(fs.existsSync(path.join(folder, 'node_modules', packed.own.name)));
    const problems = JSON.parse(run('npm', ['ls', '--json', 'egg-session-native', packed.own.name], folder)).problems;
    assert.strictEqual(problems, undefined);
  });

  for (const line of nodes) {
    test(`${name} on Node ${line}: login, read, logout`, async () => {
      const visited = await visit(folder, { node: nodeOf(line) });
      assert.strictEqual(visited.node.split('.')[0], `v${line}`);
      assert.deepStrictEqual({ engine: visited.engine, plugin: fs.realpathSync(visited.plugin), seen: visited.seen }, { engine: 'native', plugin, seen: LOGGED_IN_AND_OUT });
      assert.deepStrictEqual(standInLines(folder), []);
      const { native, class: cookies, reason } = visited.cookies;
      assert.deepStrictEqual({ native, reason }, { native: true, reason: null }, cookies);
    });
  }

  test(`${name} without the binary: login, read, logout, and one line in the log that says why`, async () => {
    npm(folder, 'install', '--omit=optional');
    const { engine, reason, seen } = await visit(folder, { node });
    assert.deepStrictEqual({ engine, seen }, { engine: 'portable', seen: LOGGED_IN_AND_OUT });
    const prefix = major < 4 ? '[egg-session]' : '[@eggjs/session]';
    const lines = standInLines(folder);
    assert.strictEqual(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], / WARN /);
    assert.ok(lines[0].endsWith(`${prefix} the portable engine stands in for the native one. ${reason}`), lines[0]);
    assert.match(reason, /^No native engine for \S+ \S+ \(.*\): tried .*: not found$/);
  });
};
