'use strict';

/**
 * The probe of a cookies class misses a difference, or its table is not what the engine answers.
 *
 * @type {import('./index').Mutant[]}
 */
module.exports = [
  {
    id: 'a probe that always says yes',
    claim: 'a class that behaves differently does its own work',
    file: 'lib/cookie/probe.js',
    search: 'return differing && differing.title;',
    replacement: 'return differing && undefined;',
    tests: ['cookie/probe'],
  },
  ...[
    ['values that are read', 'return returned === row.returned\n', 'return true\n'],
    ['Set-Cookie lines', "&& isSame(ctx.res.getHeader('set-cookie'), withDate(row))", ''],
    ['errors', '&& error === row.error\n', '&& (error === undefined) === (row.error === undefined)\n'],
    ['events', '&& isSame(events, row.events || NO_EVENTS)', ''],
    ['claims', 'if (row.holds !== undefined) return row.holds(cookies, KEYS);', 'if (row.holds !== undefined) return true;'],
    ['what a class does on its own', 'find((row) => !agrees(', 'find((row) => !row.own && !agrees('],
  ].map(([kind, search, replacement]) => ({
    id: `a probe that misses ${kind}`,
    claim: `the probe compares ${kind}`,
    file: 'lib/cookie/probe.js',
    search,
    replacement,
    tests: ['cookie/probe'],
  })),
  {
    id: 'a probe without a second look',
    claim: 'a second that passes within a row makes no difference',
    file: 'lib/cookie/probe.js',
    search: ' && !agrees(start, row));',
    replacement: ');',
    tests: ['cookie/probe_rows'],
  },
  ...[
    ['egg.js', 'if (domain) suffix += `; domain=${domain}`;', 'if (domain) suffix += `; Domain=${domain}`;'],
    ['koa.js', 'options.signed ?', '!options.signed ?'],
    ['by_engine.js', 'overwrite: true };\n  try {', 'overwrite: true, httpOnly: false };\n  try {'],
    ['probe_rows_koa.js', 'returned: VALUE, lines: [`probe.sig=${BY_NEW_KEY}${USUAL}`] },', 'returned: VALUE },'],
  ].map(([file, search, replacement]) => ({
    id: `a probe whose table is not the engine's, in ${file}`,
    claim: 'the table of the probe has what the engine answers',
    file: `lib/cookie/${file}`,
    search,
    replacement,
    tests: ['cookie/probe_rows'],
  })),
];
