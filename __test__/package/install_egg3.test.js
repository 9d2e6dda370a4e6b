'use strict';

require('../support/install_egg_suite')({ major: 3, egg: '3.34.0' });
