import './bench/syncs/begin.js';
import './bench/syncs/rows.js';
