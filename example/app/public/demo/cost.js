// What a session costs a request, measured in the server's process.

import { byId, data, element, onClick, post, text } from './dom.js';

const TITLES = { seen: 'caseSeen', first: 'caseFirst', write: 'caseWrite' };

/** @param {string} label @param {number} micros @param {number} most @param {string} side */
function bar(label, micros, most, side) {
  const fill = element('div', { class: 'fill' });
  fill.style.width = `${micros / most * 100}%`;
  return element(
    'div', { class: `line ${side}` },
    element('span', { class: 'label' }, label),
    element('div', { class: 'track' }, fill),
    element('span', { class: 'figure' }, text('micros', { micros: micros.toFixed(1) })),
  );
}

async function measure() {
  byId('cost-news').textContent = '';
  const { cases, ...machine } = await post('/demo/cost');
  const most = Math.max(...cases.flatMap(({ original, ours }) => [original, ours]), 0.1);
  byId('bars').replaceChildren(...cases.map(({ name, original, ours }) => element(
    'div', { class: 'bars' },
    element('h3', {}, ours > 0 ? text('faster', { title: text(TITLES[name]), ratio: (original / ours).toFixed(1) }) : text(TITLES[name])),
    bar('egg-session', original, most, 'original'),
    bar('egg-session-native', ours, most, 'ours'),
  )));
  byId('cost-news').textContent = text('machine', machine);
}

export function showCost() {
  byId('cost-missing').hidden = data.hasOriginals;
  byId('cost-all').hidden = !data.hasOriginals;
  onClick('measure', measure, { busy: 'measuring', news: 'cost-news' });
}
