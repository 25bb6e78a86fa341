import './e2e/syncs/drives.js';
