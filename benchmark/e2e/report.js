'use strict';

const { version: eggVersion } = require('egg/package.json');
const { difference, ratio, summary } = require('../measure');
const { circumstances, table } = require('../sections');

/** @typedef {{ cpu: number, perSecond: number, scavenges: number }} Sample */
/** @typedef {{ contender: string, route: string, samples: Sample[] }} Measured */
/** @typedef {{ requests: number, heapUsed: number, external: number, rss: number }} Heap */

const NONE = 'no session';
const ORIGINAL = 'egg-session';
const OURS = 'egg-session-native';
const OURS_KOA = 'egg-session-native, in Koa';

/**
 * @param {Measured[]} measured
 * @param {string} contender
 * @param {string} route
 */
function figures(measured, contender, route) {
  const samplesOf = (which) => /** @type {Measured} */ (measured.find((one) => one.contender === contender && one.route === which)).samples;
  const of = (kind, which = route) => samplesOf(which).map((sample) => sample[kind]);
  return {
    cpu: of('cpu'),
    cpuAbove: difference(of('cpu'), of('cpu', NONE)),
    throughput: ratio(of('perSecond'), of('perSecond', NONE)),
    perSecond: summary(of('perSecond')),
    // too few in a round to compare rounds
    scavenges: mean(of('scavenges')),
    scavengesAbove: mean(of('scavenges')) - mean(of('scavenges', NONE)),
  };
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const tenth = ({ median }) => median.toFixed(1);
const whole = (number) => String(Math.round(number));
const percent = ({ median }) => `${Math.round(median * 100)} %`;
const within = ({ low, high }) => `${low.toFixed(1)}–${high.toFixed(1)}`;
/** What both egg-session and ours were asked for. @param {Measured[]} measured @returns {string[]} */
const sharedRoutes = (measured) => {
  return measured.filter(({ contender, route }) => contender === ORIGINAL && route !== NONE).map(({ route }) => route);
};

/** @param {Measured[]} measured */
function comparison(measured) {
  return table(
    ['request', 'egg-session, µs', 'egg-session-native, µs', 'ratio, median', 'quartiles'],
    sharedRoutes(measured).map((route) => {
      const [original, ours] = [ORIGINAL, OURS].map((contender) => figures(measured, contender, route).cpuAbove);
      const times = ratio(original, ours);
      return [route, tenth(summary(original)), tenth(summary(ours)), `**${times.median.toFixed(1)}×**`, within(times)];
    }),
  );
}

/**
 * How far ours is from the floor, in Egg and in Koa.
 *
 * @param {Measured[]} measured
 * @returns {{ title: string, ours: number[], floor: number[] }[]}
 */
function floors(measured) {
  const above = (contender, route) => figures(measured, contender, route).cpuAbove;
  const cpu = (contender, route) => figures(measured, contender, route).cpu;
  const row = (title, ours, floor) => ({ title, ours, floor });
  return [
    row('Egg: a write, above the floor\'s own route', above(OURS, 'write'), above(OURS, 'floor of a write')),
    row('Egg: a read of a remembered cookie, whole, against no session', cpu(OURS, 'read, cookie seen before'), cpu(OURS, NONE)),
    row('Egg: first sight, above the route that parses', above(OURS, 'read, first sight'), above(OURS, 'floor of a first reading')),
    row('Koa: a write', above(OURS_KOA, 'write in Koa'), above(OURS_KOA, 'floor of a write')),
    row('Koa: a read of a remembered cookie, whole, against no session', cpu(OURS_KOA, 'read, cookie seen before'), cpu(OURS_KOA, NONE)),
    row('Koa: first sight', above(OURS_KOA, 'read, first sight'), above(OURS_KOA, 'floor of a first reading')),
  ];
}

/** @param {Measured[]} measured */
function floorTable(measured) {
  return table(['request', 'ours, µs', 'compared with, µs', 'ratio, median', 'quartiles'], floors(measured).map(({ title, ours, floor }) => {
    const times = ratio(ours, floor);
    return [title, tenth(summary(ours)), tenth(summary(floor)), `**${times.median.toFixed(2)}×**`, `${times.low.toFixed(2)}–${times.high.toFixed(2)}`];
  }));
}

/**
 * The first two tables, on several versions of Node.
 *
 * @param {{ version: string, measured: Measured[] }[]} versions
 */
function e2eVersionTable(versions) {
  const [{ measured: first }] = versions;
  const cell = (dividends, divisors, digits) => {
    const [above, below] = [dividends, divisors].map((numbers) => tenth(summary(numbers)));
    return `**${ratio(dividends, divisors).median.toFixed(digits)}×** (${above} ÷ ${below})`;
  };
  const againstOriginal = sharedRoutes(first).map((route) => [`egg-session ÷ ours: ${route}`, ...versions.map(({ measured }) => {
    const [original, ours] = [ORIGINAL, OURS].map((contender) => figures(measured, contender, route).cpuAbove);
    return cell(original, ours, 1);
  })]);
  const ofVersions = versions.map(({ measured }) => floors(measured));
  const againstFloor = ofVersions[0].map(({ title }, row) => [
    `ours ÷ floor: ${title}`, ...ofVersions.map((rows) => cell(rows[row].ours, rows[row].floor, 2)),
  ]);
  return [
    'The medians of the first two tables above, in µs of CPU time.',
    '',
    table(['request', ...versions.map(({ version }) => `Node.js ${version}`)], [...againstOriginal, ...againstFloor]),
  ].join('\n');
}

/** @param {Measured[]} measured */
function everything(measured) {
  return table(
    ['session layer', 'request', 'CPU time, µs', 'above no session, µs', 'requests a second', 'of no session', 'server busy', 'scavenges in 100,000'],
    measured.map(({ contender, route }) => {
      const { cpu, cpuAbove, perSecond, throughput, scavenges } = figures(measured, contender, route);
      const [above, share] = route === NONE ? ['', ''] : [tenth(summary(cpuAbove)), percent(throughput)];
      const busy = percent({ median: (summary(cpu).median * perSecond.median) / 1e6 });
      return [contender, route, tenth(summary(cpu)), above, whole(perSecond.median), share, busy, whole(scavenges)];
    }),
  );
}

/** @param {Measured[]} measured */
function scavengeTable(measured) {
  return table(
    ['request', 'egg-session', 'egg-session-native', 'ratio'],
    sharedRoutes(measured).map((route) => {
      const [original, ours] = [ORIGINAL, OURS].map((contender) => figures(measured, contender, route).scavengesAbove);
      return [route, whole(original), whole(ours), ours > 0 ? `**${(original / ours).toFixed(1)}×**` : 'none of ours'];
    }),
  );
}

/** @param {Heap[]} heaps */
function heapTable(heaps) {
  const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(2);
  return table(
    ['requests', 'heap, MiB', 'outside of it, MiB', 'resident, MiB'],
    heaps.map(({ requests, heapUsed, external, rss }) => [requests.toLocaleString('en'), megabytes(heapUsed), megabytes(external), megabytes(rss)]),
  );
}

/** @param {{ measured: Measured[], heaps: Heap[], isPinned: boolean, amount: number }} results */
function e2eReport({ measured, heaps, isPinned, amount }) {
  return `Written by \`npm run bench:e2e\`. An Egg app with the plugins that Egg enables, in a process for each session layer, answers over
HTTP to ten connections of a load that never sleeps, so that no server pays for waking it; every answer is checked, and opened
where it sets a cookie. All take turns, ${amount} requests at a time, and ratios and differences are taken within a round. The
route without a session gets the same cookies, as from a browser, and does not touch them. Sessions are of about 300 B, encrypted in the cookie; SqliteStore has them in its file. It reads all that
is asked for in one turn of the event loop at once, and these requests then go on together, which saves wake-ups elsewhere, too:
over ten connections that makes its reads look cheaper than one alone is.

${circumstances().map((line) => `- ${line}`).join('\n')}
- egg ${eggVersion}; ${isPinned ? 'servers pinned to one core, the load to another' : '**not pinned to cores**, so that server and load disturb each other'}

## CPU time of a request above one without a session

${comparison(measured)}

## The floor

The floor's routes have no session layer. They parse a session of the same size; for a write they also change it, write it out and
send a ready Set-Cookie line of the same length. All above a route without session, but for the reads of a remembered cookie.

${floorTable(measured)}

## All figures

Medians, and of scavenges the mean. CPU time is that of the server's process with all its threads; where the server is not busy, the
load was too slow for it.

${everything(measured)}

## Scavenges in 100,000 requests, above those without a session

Collections of the young generation, counted in the output of \`--trace-gc\`.

${scavengeTable(measured)}

## Heap after collection

egg-session-native, half reads and half writes, each with a cookie never seen before.

${heapTable(heaps)}
`;
}

/** The words of the README's table, in both languages. */
const SUMMARY_WORDS = {
  english: {
    app: 'an Egg 3 app over HTTP',
    adds: 'adds',
    keeps: 'keeps',
    routes: /** @type {Record<string, string>} */ ({}),
    below: `Node.js ${process.version}, encrypted cookie with a session of about 300 bytes. [How it was measured, and other cases](docs/benchmarks.md).`,
  },
  chinese: {
    app: 'Egg 3 应用，经 HTTP',
    adds: '增加',
    keeps: '保留',
    routes: /** @type {Record<string, string>} */ ({ 'read, cookie seen before': '读，Cookie 之前见过', 'read, first sight': '读，Cookie 第一次出现', 'write': '写' }),
    below: `Node.js ${process.version}，加密 Cookie，Session 约 300 字节。[测量方法和其他场景](docs/benchmarks.md)（英文）。`,
  },
};

/**
 * The README's table: what a session adds to a request, and how much of the throughput is left.
 * @param {Measured[]} measured
 * @param {'english' | 'chinese'} language
 */
function e2eSummary(measured, language) {
  const { app, adds, keeps, routes, below } = SUMMARY_WORDS[language];
  const rows = sharedRoutes(measured).map((route) => {
    const found = [ORIGINAL, OURS].map((contender) => figures(measured, contender, route));
    return [routes[route] ?? route, ...found.map(({ cpuAbove }) => `${tenth(summary(cpuAbove))} µs`), ...found.map(({ throughput }) => percent(throughput))];
  });
  return [
    table([app, ...[adds, keeps].flatMap((what) => [ORIGINAL, OURS].map((contender) => `${contender} ${what}`))], rows),
    '',
    below,
  ].join('\n');
}

module.exports = { e2eReport, e2eSummary, e2eVersionTable };
