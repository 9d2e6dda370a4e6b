// One login, four formats: the live Set-Cookie beside what it holds.

import { byId, element, failure, get, onClick, post, text } from './dom.js';

const OPTIONS = {
  encrypted: "exports.session = { key: 'SHOP_SESS' };",
  signed: 'exports.session = { encrypt: false };',
  sealed: "exports.session = { encrypt: 'sealed', absoluteMaxAge: 86400000, revocation };",
  stored: 'app.sessionStore = new SqliteStore({ path });',
};
/** The text's key, and whether it is good news. @type {Record<string, [string, boolean][]>} */
const FACTS = {
  encrypted: [['no', true], ['toADegree', false], ['yes', false]],
  signed: [['yes', false], ['no', true], ['yes', false]],
  sealed: [['no', true], ['no', true], ['withRevocation', true]],
  stored: [['onlyAKey', true], ['no', true], ['no', true]],
};

/** @typedef {{ format: string, cookie: string, setCookie: string[], holds: object | null }} Format */
/** @typedef {{ user: string | null, formats: Format[] }} State */

/** @type {State} */
let state = { user: null, formats: [] };
/** @type {Record<string, string>} the values of the cookies before, by format */
let before = {};
/** @type {((state: State) => void)[]} */
const listeners = [];

/** @param {(state: State) => void} listener is told after each login and logout */
export function onState(listener) {
  listeners.push(listener);
}

export const currentState = () => state;

/** @param {string} name @param {string} value @param {string} [old] the value before */
function cookieParts(name, value, old) {
  if (!old) return [name, value];
  let same = 0;
  while (same < value.length && value[same] === old[same]) same++;
  return [name, value.slice(0, same), element('mark', {}, value.slice(same))];
}

function render() {
  const { value: chosen } = /** @type {HTMLInputElement} */ (document.querySelector('input[name="format"]:checked'));
  const found = state.formats.find(({ format }) => format === chosen);
  byId('option').textContent = OPTIONS[chosen];
  byId('facts').replaceChildren(...['factRead', 'factChange', 'factCopy'].flatMap((key, i) => {
    const [answer, isGood] = FACTS[chosen][i];
    return [element('dt', {}, text(key)), element('dd', { class: isGood ? 'good' : 'bad' }, text(answer))];
  }));
  if (!state.user || !found) {
    byId('cookie').textContent = text('noCookieYet');
    byId('holds').textContent = '–';
    byId('octets').textContent = '';
    return;
  }
  const [first, ...others] = found.setCookie.length > 0 ? found.setCookie : found.cookie.split('; ');
  byId('cookie-title').textContent = found.setCookie.length > 0 ? 'Set-Cookie' : text('cookieSent');
  const [, name, value, attributes] = /^([^=]*=)([^;]*)(.*)$/.exec(first);
  byId('cookie').replaceChildren(...cookieParts(name, value, before[chosen]), attributes, ...others.map(line => `\n${line}`));
  byId('octets').textContent = text('octets', { octets: name.length - 1 + value.length });
  byId('holds').textContent = JSON.stringify(found.holds, null, 2);
}

/** @param {State} next */
export function setState(next) {
  if (next.user !== state.user) before = {};
  for (const { format, cookie } of state.formats) if (next.user === state.user) before[format] = cookie.split('; ')[0].replace(/^[^=]*=/, '');
  state = next;
  byId('login').hidden = state.user !== null;
  byId('logged-in').hidden = state.user === null;
  byId('who').textContent = state.user === null ? '' : text('loggedInAs', { name: state.user });
  render();
  for (const listener of listeners) listener(state);
}

export async function logOut() {
  await post('/demo/logout');
  setState({ user: null, formats: [] });
}

export async function showFormats() {
  byId('format-switch').addEventListener('change', render);
  byId('login').addEventListener('submit', async event => {
    event.preventDefault();
    const news = byId('login-news');
    const { value: name } = byId('name');
    // `required` lets a blank through, and the server does not.
    news.textContent = name.trim() === '' ? text('nameMissing') : '';
    if (news.textContent) return;
    try {
      setState(await post('/demo/login', { name }));
      byId('count').focus();
    } catch (err) {
      news.textContent = failure(err);
    }
  });
  onClick('count', async () => setState(await post('/demo/count')));
  onClick('logout', logOut);
  setState(await get('/demo/formats'));
}
