import { showCarts } from './carts.js';
import { showCost } from './cost.js';
import { showDevices } from './devices.js';
import { showForgery } from './forgery.js';
import { showFormats } from './formats.js';

showForgery();
showCarts();
showCost();
showDevices();
await showFormats();
// For whoever waits for the page: the tests and the screenshot.
document.documentElement.dataset.ready = 'true';
