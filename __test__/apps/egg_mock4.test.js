'use strict';

const { eggMockSuite } = require('../support/egg_mock_suite');

eggMockSuite('@eggjs/mock in Egg 4 sees of ours what it sees of @eggjs/session', 4);
