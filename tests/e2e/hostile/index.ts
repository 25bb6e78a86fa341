import './hostile/syncs/culprit.js';
import './hostile/syncs/healthy.js';
