'use strict';

const { eggMockSuite } = require('../support/egg_mock_suite');

eggMockSuite('egg-mock in Egg 3 sees of ours what it sees of egg-session', 3);
