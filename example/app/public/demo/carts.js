// "Two tabs at once": a hundred requests fill one cart, on egg-session and on ours.

import { byId, data, element, get, onClick, post, text } from './dom.js';

const THINGS = 100;
const SIDES = { original: '/egg-session/cart', ours: '/demo/cart' };

/** @param {string} side @param {Set<number>} kept */
function draw(side, kept) {
  byId(`dots-${side}`).replaceChildren(...Array.from({ length: THINGS }, (_, i) => element('i', kept.has(i) ? { class: 'kept' } : {})));
}

/** @param {string} side */
async function fill(side) {
  const path = SIDES[side];
  // This one gives the browser its session; without it, each request would begin one of its own.
  await post(`${path}/empty`);
  await Promise.all(Array.from({ length: THINGS }, (_, i) => post(`${path}/add?item=${i}`)));
  const { kept } = await get(path);
  draw(side, new Set(kept));
  byId(`dots-${side}`).setAttribute('aria-label', text('dots', { kept: kept.length, all: THINGS }));
  byId(`kept-${side}`).textContent = text('kept', { kept: kept.length, all: THINGS });
}

async function race() {
  for (const side of Object.keys(SIDES)) {
    draw(side, new Set());
    byId(`kept-${side}`).textContent = '';
  }
  for (const side of Object.keys(SIDES)) await fill(side);
}

export function showCarts() {
  const missing = [...data.hasOriginals ? [] : [text('originalsMissing')], ...data.hasSqlite ? [] : [text('cartsMissing', { what: text('sqliteMissing') })]];
  byId('carts-missing').textContent = missing.join(' ');
  byId('carts-missing').hidden = missing.length === 0;
  byId('carts-all').hidden = missing.length > 0;
  for (const side of Object.keys(SIDES)) draw(side, new Set());
  onClick('race', race, { busy: 'racing' });
}
