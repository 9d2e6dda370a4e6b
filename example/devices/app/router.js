'use strict';

/** @param {any} app */
module.exports = app => {
  const { router, controller: { devices } } = app;
  router.get('/', devices.show);
  router.post('/login', devices.login);
  router.post('/logout', devices.logout);
  router.post('/end', devices.end);
  router.post('/end-others', devices.endOthers);
};
