'use strict';

/**
 * A line chart on two logarithmic axes, as SVG. Its colours are of middling lightness and it has no ground of its own, so that
 * it can be read on a light page and on a dark one.
 */

const WIDTH = 760;
const HEIGHT = 430;
const LEFT = 64;
const RIGHT = 190;
const TOP = 44;
const BOTTOM = 52;
const LABEL_HEIGHT = 15;
const GREY = '#7d8590';

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {string} colour
 * @property {boolean} [dashed]
 * @property {[number, number][]} points x and y, each above zero
 */

/** @typedef {{ title: string, label: (value: number) => string }} Axis */

/**
 * @param {{ title: string, x: Axis & { ticks: number[] }, y: Axis, series: Series[] }} chart
 * @returns {string} the SVG
 */
function drawChart({ title, x, y, series }) {
  const ys = series.flatMap(({ points }) => points.map((point) => point[1]));
  const lowest = Math.floor(Math.log10(Math.min(...ys)));
  const highest = Math.ceil(Math.log10(Math.max(...ys)));
  const scaleX = scale(Math.log10(Math.min(...x.ticks)), Math.log10(Math.max(...x.ticks)), LEFT, WIDTH - RIGHT);
  const scaleY = scale(lowest, highest, HEIGHT - BOTTOM, TOP);
  const decades = Array.from({ length: highest - lowest + 1 }, (_, i) => 10 ** (lowest + i));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escape(title)}"`
      + ` font-family="system-ui, sans-serif" font-size="12" fill="${GREY}">`,
    text(LEFT, 20, title, 'font-size="14" font-weight="600"'),
    ...decades.flatMap((value) => [
      line(LEFT, scaleY(value), WIDTH - RIGHT, scaleY(value)),
      text(LEFT - 8, scaleY(value) + 4, y.label(value), 'text-anchor="end"'),
    ]),
    ...x.ticks.flatMap((value) => [
      line(scaleX(value), TOP, scaleX(value), HEIGHT - BOTTOM),
      text(scaleX(value), HEIGHT - BOTTOM + 18, x.label(value), 'text-anchor="middle"'),
    ]),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x.title, 'text-anchor="middle"'),
    text(16, (TOP + HEIGHT - BOTTOM) / 2, y.title, `text-anchor="middle" transform="rotate(-90 16 ${(TOP + HEIGHT - BOTTOM) / 2})"`),
    ...series.map(({ colour, dashed, points }) => `<polyline fill="none" stroke="${colour}" stroke-width="2.5"${dashed ? ' stroke-dasharray="6 4"' : ''}`
      + ` points="${points.map((point) => `${round(scaleX(point[0]))},${round(scaleY(point[1]))}`).join(' ')}"/>`),
    ...labels(series, scaleY),
    '</svg>',
    '',
  ].join('\n');
}

/**
 * The names at the ends of the lines, from top to bottom, none upon another.
 *
 * @param {Series[]} series
 * @param {(value: number) => number} scaleY
 */
function labels(series, scaleY) {
  let free = 0;
  return series
    .map(({ name, colour, points }) => ({ name, colour, at: scaleY(points[points.length - 1][1]) + 4 }))
    .sort((a, b) => a.at - b.at)
    .map(({ name, colour, at }) => {
      const placed = Math.max(at, free);
      free = placed + LABEL_HEIGHT;
      return text(WIDTH - RIGHT + 8, placed, name, `fill="${colour}"`);
    });
}

/** From the logarithm of a value, between `low` and `high`, to a place between `from` and `to`. */
function scale(low, high, from, to) {
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

const round = (place) => Math.round(place * 10) / 10;
const escape = (words) => words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
const line = (x1, y1, x2, y2) => `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${GREY}" stroke-opacity="0.3"/>`;
const text = (x, y, words, attributes) => `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escape(words)}</text>`;

module.exports = { drawChart };
