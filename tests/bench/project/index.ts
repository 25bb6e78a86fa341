import './bench/syncs/begin.js';
import './bench/syncs/hog.js';
import './bench/syncs/hold.js';
import './bench/syncs/requests.js';
import './bench/syncs/rows.js';
import './bench/syncs/saturate.js';
