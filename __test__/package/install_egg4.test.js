'use strict';

require('../support/install_egg_suite')({ egg: '4.0.10', stock: '@eggjs/session/dist/commonjs' });
