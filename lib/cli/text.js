'use strict';

/** Text for a terminal. */

const LONGEST_DATE_MS = 8.64e15;

/**
 * A cookie may hold any characters, also those that move the cursor or turn the direction of the text.
 *
 * @param {string} text
 * @returns {string} with control, format and unassigned characters escaped
 */
function printable(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => (
    Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
  ));
}

/** @param {[string, string | undefined][]} rows @returns {string} two columns, without the rows that have no value */
function table(rows) {
  const kept = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...kept.map(([label]) => label.length)) + 2;
  return kept.map(([label, value]) => `${label.padEnd(width)}${value}\n`).join('');
}

/** @param {unknown} timeMs @returns {string | undefined} undefined for what is no time */
function timeText(timeMs) {
  return typeof timeMs === 'number' && Math.abs(timeMs) <= LONGEST_DATE_MS ? new Date(timeMs).toISOString() : undefined;
}

/** @param {number} count @param {string} noun */
function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

module.exports = { counted, printable, table, timeText };
