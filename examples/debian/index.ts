import './debian/syncs/packages.js';
