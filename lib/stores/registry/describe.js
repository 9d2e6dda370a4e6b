'use strict';

/**
 * What a record says of the device: the app's label, and its address as far as the app wants it. The app's own function fails no
 * request: what it throws is a warning of the process, once.
 */

const net = require('node:net');
const { MOST_CHARACTERS } = require('../../store/record');

const IPV4_MAPPED = /^::ffff:(?=\d+\.)/i;

/**
 * Makes the function that describes a request's device.
 *
 * @param {{ label?: (ctx: any) => unknown, address: 'none' | 'network' | 'full' | ((ctx: any) => unknown) }} options
 * @returns {(ctx: any) => { label?: string, address?: string }}
 */
function describer({ label, address }) {
  const hasWarned = new Set();
  /** @param {'label' | 'address'} name @param {((ctx: any) => unknown) | undefined} ask @param {any} ctx */
  const answer = (name, ask, ctx) => {
    if (ask === undefined) return undefined;
    let value;
    try {
      value = ask(ctx);
    } catch (error) {
      warn(name, `throws (${error instanceof Error ? error.name : typeof error})`);
      return undefined;
    }
    if (typeof value === 'string') return value.slice(0, MOST_CHARACTERS[name]).trim() || undefined;
    if (value != null) warn(name, 'returns neither a string nor nothing');
    return undefined;
  };
  /** @param {string} name @param {string} what */
  const warn = (name, what) => {
    if (hasWarned.has(name)) return;
    hasWarned.add(name);
    process.emitWarning(`the option \`${name}\` of SessionRegistry ${what}: sessions are recorded without it`, { type: 'egg-session-native', code: 'SESSION_OPTION' });
  };
  const askAddress = typeof address === 'function' ? address : ADDRESSES[address];
  return ctx => ({ label: answer('label', label, ctx), address: answer('address', askAddress, ctx) });
}

/** @type {Record<string, ((ctx: any) => string | undefined) | undefined>} */
const ADDRESSES = {
  none: undefined,
  network: ctx => networkOf(ipOf(ctx)),
  full: ctx => ipOf(ctx) || undefined,
};

/** @param {any} ctx @returns {string} the client's address as Koa and Egg find it; '' if it is none, as a proxy's header may be */
function ipOf({ ip }) {
  const address = String(ip).replace(IPV4_MAPPED, '').replace(/%.*$/, '');
  return net.isIP(address) === 0 ? '' : address;
}

/**
 * @param {string} address
 * @returns {string | undefined} the first 24 bits of an IPv4 address, or the first 48 of an IPv6 address
 */
function networkOf(address) {
  if (net.isIPv4(address)) return address.replace(/\d+$/, '0/24');
  if (!net.isIPv6(address)) return undefined;
  const groups = (/** @type {string} */ part) => (part === '' ? [] : part.split(':'));
  const [front, back] = address.toLowerCase().replace(/[\d.]+$/, end => (end.includes('.') ? '0:0' : end)).split('::');
  const all = back === undefined
    ? groups(front)
    : [...groups(front), ...Array(8 - groups(front).length - groups(back).length).fill('0'), ...groups(back)];
  return `${all.slice(0, 3).map(group => parseInt(group, 16).toString(16)).join(':')}::/48`;
}

module.exports = { ADDRESSES, describer, networkOf };
