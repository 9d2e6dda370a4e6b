'use strict';

require('../support/install_egg_suite')({ egg: '3.34.0', stock: 'egg-session' });
