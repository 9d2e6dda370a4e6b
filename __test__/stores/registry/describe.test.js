'use strict';

/** What is kept of a device: labels and addresses, from whatever a client sends. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const Bowser = require('bowser');
const { describer, networkOf } = require('../../../lib/stores/registry/describe');
const { QUICK_PLACES, PLACES, serve } = require('../../support/registry_apps');

test('an address is cut to the first 24 bits of IPv4 and 48 of IPv6', () => {
  for (const [address, network] of [
    ['203.0.113.77', '203.0.113.0/24'], ['0.0.0.0', '0.0.0.0/24'], ['255.255.255.255', '255.255.255.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'], ['2001:DB8::1', '2001:db8:0::/48'], ['::1', '0:0:0::/48'], ['::', '0:0:0::/48'],
    ['2001:db8:1::', '2001:db8:1::/48'], ['2001:0db8:0001::7', '2001:db8:1::/48'], ['fe80::1:2:3:4', 'fe80:0:0::/48'],
    ['64:ff9b::203.0.113.77', '64:ff9b:0::/48'], ['1:2:3:4:5:6:203.0.113.7', '1:2:3::/48'], ['1::3:4:5:6:7:8', '1:0:3::/48'],
    ['', undefined], ['203.0.113', undefined], ['<script>', undefined], ['1:2:3:4:5:6:7:8:9', undefined],
  ]) assert.equal(networkOf(address), network, address);
});

test('of ctx.ip nothing is kept, its network, or all, and never what is no address', () => {
  const asked = address => ip => describer({ address })({ ip }).address;
  for (const ip of ['203.0.113.77', '::ffff:203.0.113.77', '::FFFF:203.0.113.77']) {
    assert.deepEqual(['none', 'network', 'full'].map(address => asked(address)(ip)), [undefined, '203.0.113.0/24', '203.0.113.77']);
  }
  assert.deepEqual(['none', 'network', 'full'].map(address => asked(address)('fe80::1:2%eth0')), [undefined, 'fe80:0:0::/48', 'fe80::1:2']);
  for (const ip of [undefined, null, '', '<img src=x>', 'unknown', {}, 7, '1.2.3.4, 5.6.7.8']) {
    for (const address of ['network', 'full']) assert.equal(asked(address)(ip), undefined);
  }
  assert.equal(asked(() => 'from our office')('203.0.113.77'), 'from our office');
});

test('a label is at most 100 characters of text; what is none, or throws, is no label, and one warning', async t => {
  const warnings = [];
  const listener = warning => warnings.push(warning);
  process.on('warning', listener);
  t.after(() => process.off('warning', listener));
  const labelled = value => describer({ label: () => value, address: 'none' })({}).label;
  assert.equal(labelled(' Firefox '), 'Firefox');
  assert.equal(labelled('x'.repeat(1000)), 'x'.repeat(100));
  for (const value of [undefined, null, '', '   ']) assert.equal(labelled(value), undefined);
  await new Promise(setImmediate);
  assert.equal(warnings.length, 0);
  const describe = describer({ label: () => { throw new RangeError('secret'); }, address: () => Promise.resolve('later') });
  for (let i = 0; i < 3; i++) assert.deepEqual(describe({}), { label: undefined, address: undefined });
  await new Promise(setImmediate);
  assert.deepEqual(warnings.map(({ code, message }) => [code, message]), [
    ['SESSION_OPTION', 'the option `label` of SessionRegistry throws (RangeError): sessions are recorded without it'],
    ['SESSION_OPTION', 'the option `address` of SessionRegistry returns neither a string nor nothing: sessions are recorded without it'],
  ]);
});

test('any label and address comes back as it was, also beside hostile content of the session', async t => {
  const texts = [
    'Firefox, Linux', 'ü😀', '"', '\\', '~', '~"', ',"_rev":"', ',"_record":"x~"', '\0\n\u2028', '<script>alert(1)</script>', '%22', '😀'.repeat(60),
    `${'A'.repeat(22)}.a.b..~`,
  ];
  for (const name of QUICK_PLACES) {
    const { registry, visitor, server } = await serve(t, await PLACES[name](t), { registry: { address: ctx => ctx.query.device } });
    for (const text of texts) {
      const each = visitor(text);
      await each.does(async ctx => {
        ctx.session.user = text;
        ctx.session[text] = { _record: `${text}~`, nested: [text, { _rev: text }] };
        await ctx.session.regenerate();
      });
      const [session] = await registry.list(text);
      const kept = [100, 64].map(most => text.slice(0, most).trim());
      assert.deepEqual([session.label, session.address], kept, JSON.stringify(text));
      assert.deepEqual(JSON.parse(await each.does(ctx => JSON.stringify(ctx.session))), { user: text, [text]: { _record: `${text}~`, nested: [text, { _rev: text }] } });
      assert.equal(await registry.end(text, session.id), true);
    }
    assert.deepEqual(server.errors, []);
  }
});

test('the recipe with bowser names browsers, and fails no request whatever the user agent is', () => {
  const label = ctx => {
    const { browser, os } = Bowser.parse(ctx.get('user-agent') || 'unknown');
    return [browser.name, os.name].filter(Boolean).join(', ');
  };
  const describe = describer({ label, address: 'none' });
  const of = agent => describe({ get: () => agent }).label;
  assert.equal(of('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'), 'Firefox, Linux');
  assert.equal(of('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'), 'Safari, iOS');
  for (const agent of ['', 'curl/8.5.0', '\0', '('.repeat(5000), 'Mozilla/5.0 '.repeat(500), '<script>']) assert.ok((of(agent) ?? '').length <= 100);
});
