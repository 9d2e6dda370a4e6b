'use strict';

/** @param {import('egg').Application & { controller: any, demo: any }} app */
module.exports = app => {
  const { router, controller } = app;
  const { account, shop, page, formats, forgery, devices, measured } = controller;

  // The shop, for curl.
  router.get('/session', account.read);
  router.post('/login', account.login);
  router.post('/logout', account.logout);
  router.get('/counter', shop.count);
  router.post('/cart', shop.addToCart);

  // The demo page.
  router.get('/', page.show);
  router.get('/demo/formats', formats.show);
  router.post('/demo/login', formats.login);
  router.post('/demo/count', formats.count);
  router.post('/demo/logout', formats.logout);
  router.post('/demo/replay', formats.replay);
  router.post('/demo/forgery/sign-up', forgery.signUp);
  router.post('/demo/forgery/send', forgery.send);
  router.get('/demo/forgery', forgery.whoAmI);
  router.get('/demo/cart', measured.cart);
  router.post('/demo/cart/empty', measured.cart);
  router.post('/demo/cart/add', measured.cart);
  router.post('/demo/cost', measured.cost);
  if (app.demo.registry) {
    router.get('/demo/devices', devices.list);
    router.post('/demo/devices/log-in', devices.logIn);
    router.post('/demo/devices/end', devices.end);
    router.post('/demo/devices/end-others', devices.endOthers);
  }
};
