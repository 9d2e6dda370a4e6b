'use strict';

// field-content of RFC 7230 section 3.2, with which egg-cookies checks a cookie's name, value, path and domain.
const FIELD_CONTENT = /^[\t\x20-\x7e\x80-\xff]+$/;

/** @param {any} value */
function isFieldContent(value) {
  return typeof value === 'string' && FIELD_CONTENT.test(value);
}

module.exports = { isFieldContent };
