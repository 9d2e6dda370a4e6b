// The user's sessions, which the server lists and ends, and copies of cookies that are sent after the logout.

import { byId, data, element, get, onClick, post, text } from './dom.js';
import { currentState, logOut, onState } from './formats.js';

/** Devices that this page plays: it has their cookies. @type {{ id: string, label: string, cookie: string }[]} */
let played = [];

/** @param {string} cookie @returns {Promise<boolean>} whether the server knows its sender */
async function isAccepted(cookie) {
  const { sealed } = await post('/demo/replay', { cookie });
  return sealed !== null;
}

/** @param {string} label @param {(Node | string)[]} lines @param {Node[]} [actions] */
function row(label, lines, actions = []) {
  return element('li', {}, element('div', { class: 'what' }, element('strong', {}, label), ...lines), ...actions);
}

/** @param {{ cookie: string }} device */
async function cookieLine({ cookie }) {
  const accepted = await isAccepted(cookie);
  return element('span', { class: accepted ? 'good' : 'refused' }, text(accepted ? 'cookieWorks' : 'cookieRefused'));
}

/** @param {{ id: string, label?: string, current: boolean, lastSeenAt?: number }} device */
async function deviceRow({ id, label = '?', current, lastSeenAt }) {
  const time = lastSeenAt && new Date(lastSeenAt).toLocaleTimeString(document.documentElement.lang);
  const mine = played.find(device => device.id === id);
  const lines = [element('span', { class: 'small' }, [...current ? [text('thisDevice')] : [], ...time ? [text('lastSeen', { time })] : []].join(' · '))];
  if (mine) lines.push(await cookieLine(mine));
  if (current) return row(label, lines);
  const button = element('button', { class: 'quiet', type: 'button', 'aria-label': `${text('endThis')}: ${label}` }, text('endThis'));
  button.addEventListener('click', async () => {
    await post('/demo/devices/end', { id });
    await refresh();
    byId('device-news').textContent = text('ended', { device: label });
  });
  return row(label, lines, [button]);
}

/** @returns {Promise<any[]>} the devices */
async function refresh() {
  const { devices } = await get('/demo/devices');
  const ended = played.filter(({ id }) => !devices.some(device => device.id === id));
  byId('device-list').replaceChildren(
    ...await Promise.all(devices.map(deviceRow)),
    ...await Promise.all(ended.map(async device => row(device.label, [await cookieLine(device)]))),
  );
  return devices;
}

/** @param {'phone' | 'laptop'} device */
async function add(device) {
  const before = await refresh();
  // Without this browser's cookies, as another device.
  const { cookie } = await post('/demo/devices/log-in', { name: currentState().user, device }, { credentials: 'omit' });
  const { devices } = await get('/demo/devices');
  const { id, label } = devices.find(found => !before.some(known => known.id === found.id));
  played.push({ id, label, cookie });
  await refresh();
  byId('device-news').textContent = text('deviceAdded', { device: label });
}

async function copyAndLeave() {
  const { user, formats } = currentState();
  const copies = formats.map(({ cookie }) => cookie).join('; ');
  await logOut();
  const users = await post('/demo/replay', { cookie: copies });
  byId('replayed-list').replaceChildren(...formats.map(({ format }) => (users[format] === user
    ? element('li', { class: 'bad' }, text('stillLoggedIn', { format: text(format), name: user }))
    : element('li', { class: 'good' }, text('isRefused', { format: text(format) })))));
}

export function showDevices() {
  if (!data.hasSqlite) byId('devices-login').textContent = text('cartsMissing', { what: text('sqliteMissing') });
  onClick('add-phone', () => add('phone'));
  onClick('add-laptop', () => add('laptop'));
  onClick('end-others', async () => {
    await post('/demo/devices/end-others');
    await refresh();
    byId('device-news').textContent = text('othersEnded');
  });
  onClick('copy-and-leave', copyAndLeave);
  let last = null;
  onState(async ({ user }) => {
    byId('devices-all').hidden = user === null || !data.hasSqlite;
    byId('devices-login').hidden = user !== null && data.hasSqlite;
    byId('copy-and-leave').disabled = user === null;
    if (user === last) return;
    last = user;
    played = [];
    byId('device-news').textContent = '';
    if (user === null || !data.hasSqlite) return;
    byId('replayed-list').replaceChildren();
    await refresh();
  });
}
