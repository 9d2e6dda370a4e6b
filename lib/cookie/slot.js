'use strict';

/**
 * The slot that a browser keeps a cookie in: its name, domain and path (RFC 6265, section 5.3). Two cookies in one slot evict each
 * other. Two cookies of one name in different slots are both sent.
 */

/**
 * @param {any} attributes with `key`, and with the app's defaults for cookies
 * @returns {string | undefined} equal for equal slots; undefined where a function tells the domain
 */
function slotOf(attributes) {
  const { key, domain } = attributes;
  return typeof domain === 'function' ? undefined : slotAt(key, attributes, domain);
}

/**
 * @param {any} attributes
 * @returns {string} calls a function that tells the domain
 */
function slotNow(attributes) {
  const { key, domain } = attributes;
  return slotAt(key, attributes, typeof domain === 'function' ? domain() : domain);
}

/**
 * @param {string} key
 * @param {any} attributes
 * @param {any} domain
 */
function slotAt(key, attributes, domain) {
  const path = 'path' in attributes ? attributes.path || '' : '/';
  // Browsers ignore a leading dot and case. After a semicolon they read another attribute.
  const host = String(domain || '').split(';')[0].trim().replace(/^\./, '').toLowerCase();
  return `${key};${host};${path}`;
}

/**
 * @param {any} opts the session's options
 * @param {any} place one of `formerCookies`
 * @returns {any} the options of the session's cookie as it was at that place
 */
function optionsAt(opts, { key, path, domain }) {
  const options = { ...opts };
  if (key != null) options.key = key;
  if (path != null) options.path = path;
  // Null: the cookie had no domain.
  if (domain !== undefined) options.domain = domain;
  return options;
}

module.exports = { optionsAt, slotNow, slotOf };
