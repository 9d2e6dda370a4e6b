'use strict';

require('../support/install_egg_suite')({ egg: '2.37.0', stock: 'egg-session' });
