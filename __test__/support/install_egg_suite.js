'use strict';

/**
 * The tarballs in a fresh Egg app of one version: a real login on each Node that we and this Egg promise, native and without a
 * binary, and the cookies of a cluster of it beside those of the session plugin that this Egg brings along.
 */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { Packed, npm, run } = require('./packed');
const { writeEggApp, visit, LOGGED_IN_AND_OUT } = require('./install_apps');
const { rotateKeys, REMEMBERED } = require('./install_cluster');
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
 * @param {object} framework
 * @param {string} framework.egg its version
 * @param {string} framework.stock its own session plugin: a package, and the folder in it that is the plugin
 * @param {number[]} [framework.nodes] the lines of Node that it runs on
 * @param {Record<string, string>} [framework.beside] packages that further tests of the app need
 * @param {(app: string, node: string) => void} [framework.further] further tests of the installed app
 */
module.exports = function suite({ egg, stock, nodes = MAJORS, beside = {}, further }) {
  const name = `Egg ${egg}`;
  const packed = new Packed();
  test.after(() => packed.remove());
  const folder = packed.app('shop', { egg, ...beside });
  writeEggApp(folder);
  const modules = path.join(fs.realpathSync(packed.folder), 'shop/node_modules');
  const plugin = path.join(modules, 'egg-session-native');

  test(`npm i into a fresh app with ${name}`, () => {
    npm(folder, 'install');
    assert.ok(fs.existsSync(path.join(folder, 'node_modules', packed.own.name)));
    const problems = JSON.parse(run('npm', ['ls', '--json', 'egg-session-native', packed.own.name], folder)).problems;
    assert.strictEqual(problems, undefined);
  });

  for (const node of nodes) {
    test(`${name} on Node ${node}: login, read, logout`, async () => {
      const visited = await visit(folder, { node: nodeOf(node) });
      assert.strictEqual(visited.node.split('.')[0], `v${node}`);
      assert.deepStrictEqual({ engine: visited.engine, plugin: fs.realpathSync(visited.plugin), seen: visited.seen }, { engine: 'native', plugin, seen: LOGGED_IN_AND_OUT });
      const { native, class: cookies, reason } = visited.cookies;
      assert.deepStrictEqual({ native, reason }, { native: true, reason: null }, cookies);
      assert.deepStrictEqual(standInLines(folder), []);
    });
  }

  const node = nodeOf(nodes.includes(22) ? 22 : nodes[0]);

  test(`a cluster of ${name}: login, read, rotation of keys, logout, with cookies byte for byte as by ${stock}`, async () => {
    const theirs = await rotateKeys({ folder, node, plugin: 'stock' });
    const ours = await rotateKeys({ folder, node, plugin: 'ours' });
    assert.deepStrictEqual(theirs.process, { isWorker: true, plugin: path.join(modules, stock) });
    assert.deepStrictEqual(ours.process, { isWorker: true, plugin });
    assert.deepStrictEqual(ours.answers, REMEMBERED);
    assert.deepStrictEqual(ours.cookies.map(lines => lines.length), [1, 0, 0, 1, 0, 1, 0]);
    assert.deepStrictEqual({ ...ours, process: null }, { ...theirs, process: null });
  });

  further?.(folder, node);

  test(`${name} without the binary: login, read, logout, and one line in the log that says why`, async () => {
    npm(folder, 'install', '--omit=optional');
    fs.rmSync(path.join(folder, 'logs'), { recursive: true, force: true });
    const { engine, reason, seen } = await visit(folder, { node });
    assert.deepStrictEqual({ engine, seen }, { engine: 'portable', seen: LOGGED_IN_AND_OUT });
    const prefix = Number.parseInt(egg, 10) >= 4 ? '[@eggjs/session]' : '[egg-session]';
    const lines = standInLines(folder);
    assert.strictEqual(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], / WARN /);
    assert.ok(lines[0].endsWith(`${prefix} the portable engine stands in for the native one. ${reason}`), lines[0]);
    assert.match(reason, /^No native engine for \S+ \S+ \(.*\): tried .*: not found$/);
  });
};
