import { byId } from './dom.js';

export function showDevices() { byId('devices-all').hidden = true; }
