'use strict';

/** What the benchmarks count, compute and draw with. Whether they run and answer rightly is for their own `--smoke`. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { drawChart } = require('../../benchmark/chart');
const { TraceGc } = require('../../benchmark/e2e/trace_gc');
const { difference, ratio, summary, takeTurns } = require('../../benchmark/measure');
const sections = require('../../benchmark/sections');

const { table, writeSection } = sections;

test('scavenges are counted between the marks that a real Node prints among its --trace-gc lines', () => {
  const script = `
    const { writeSync } = require('node:fs');
    let kept;
    const allocate = () => { for (let i = 0; i < 3e6; i++) kept = [i, {}]; };
    writeSync(1, 'mark 1\\n');
    writeSync(1, 'mark 2\\n');
    allocate();
    writeSync(1, 'mark 3\\n');
    allocate();
    writeSync(1, 'mark 4\\n');
  `;
  const { stdout } = spawnSync(process.execPath, ['--trace-gc', '-e', script], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  const trace = new TraceGc();
  for (let i = 0; i < stdout.length; i += 17) trace.add(stdout.slice(i, i + 17));
  assert.strictEqual(trace.scavenges(1, 2), 0);
  assert.ok(trace.scavenges(2, 3) > 10);
  assert.strictEqual(trace.scavenges(2, 3) + trace.scavenges(3, 4), trace.scavenges(1, 4));
  assert.throws(() => trace.scavenges(4, 5), /a mark is missing/);
});

test('contenders take turns, each begins as often as the others, and warming up does not count', async () => {
  const order = [];
  const samples = await takeTurns(['a', 'b', 'c'], 3, async name => order.push(name));
  assert.strictEqual(order.join(''), 'abcbcacab'.repeat(2));
  assert.deepStrictEqual(samples, { a: [10, 15, 17], b: [11, 13, 18], c: [12, 14, 16] });
});

test('ratios and differences are taken within a round', () => {
  assert.deepStrictEqual(ratio([10, 40, 90], [1, 2, 3]), { low: 10, median: 20, high: 30 });
  assert.deepStrictEqual(difference([3, 5], [1, 1]), [2, 4]);
  assert.strictEqual(summary([5, 1, 9]).median, 5);
});

test('a chart has its points where two logarithmic axes put them, and no name upon another', () => {
  const line = (name, last) => ({ name, colour: '#000000', points: [[10, 1], [100, 10], [1000, last]] });
  const svg = drawChart({
    title: 'a < b & "c"',
    x: { title: 'x', ticks: [10, 100, 1000], label: String },
    y: { title: 'y', label: String },
    series: [line('one', 100), line('two', 99), line('three', 98)],
  });
  const [points] = [...svg.matchAll(/points="([^"]*)"/g)].map(match => match[1].split(' ').map(pair => pair.split(',').map(Number)));
  const [[x1, y1], [x2, y2], [x3, y3]] = points;
  assert.ok(Math.abs(x2 - x1 - (x3 - x2)) < 0.2 && x2 > x1, 'a decade is as wide as the next');
  assert.ok(Math.abs(y2 - y1 - (y3 - y2)) < 0.2 && y2 < y1, 'and as high, and more is higher');
  const names = [...svg.matchAll(/<text x="[\d.]+" y="([\d.]+)" fill="#000000">/g)].map(match => Number(match[1]));
  assert.strictEqual(names.length, 3);
  assert.ok(names[1] - names[0] >= 14 && names[2] - names[1] >= 14, String(names));
  assert.match(svg, /aria-label="a &lt; b &amp; &quot;c&quot;"/);
});

test('a script writes its own section of a file and leaves the others alone', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sections-'));
  const file = path.join(folder, 'results.md');
  try {
    fs.writeFileSync(file, '# R\n\n<!-- measured by one -->\nold\n<!-- end -->\n\n<!-- measured by two -->\nkept\n<!-- end -->\n');
    writeSection(file, 'one', `${table(['a', 'b'], [[1, 'x']])}\n`);
    assert.strictEqual(
      fs.readFileSync(file, 'utf8'),
      '# R\n\n<!-- measured by one -->\n\n| a | b |\n|---|---|\n| 1 | x |\n\n<!-- end -->\n\n<!-- measured by two -->\nkept\n<!-- end -->\n',
    );
    assert.throws(() => writeSection(file, 'three', ''), /no section for three/);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('every section that a script writes is there to be written', () => {
  const scripts = ['run.js', 'e2e.js', 'stores/run.js'].map(name => fs.readFileSync(path.join(__dirname, '../../benchmark', name), 'utf8')).join('\n');
  const written = [...scripts.matchAll(/writeSection\((\w+), '([^']+)'/g)];
  assert.ok(written.length >= 10);
  for (const [, file, command] of written) {
    const text = fs.readFileSync(Reflect.get(sections, file), 'utf8');
    assert.ok(text.includes(`<!-- measured by ${command} -->\n`), `${file}: ${command}`);
  }
});
