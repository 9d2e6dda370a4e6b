'use strict';

require('../support/install_egg_suite')({ major: 2, egg: '2.37.0' });
