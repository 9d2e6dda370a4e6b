'use strict';

require('../support/install_egg_suite')({ major: 4, egg: '4.0.10' });
