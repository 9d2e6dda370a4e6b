'use strict';

/** @param {import('egg').Application} app */
module.exports = app => {
  const { router, controller } = app;
  router.get('/', controller.page.show);
  router.get('/session', controller.account.read);
  router.post('/login', controller.account.login);
  router.post('/logout', controller.account.logout);
  router.get('/counter', controller.shop.count);
  router.post('/cart', controller.shop.addToCart);
};
