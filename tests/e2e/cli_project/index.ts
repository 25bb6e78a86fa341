import './tracker/syncs/issues.js';
import './tracker/syncs/labels.js';
import './tracker/actions/create-issue.js';
import './tracker/on-events/welcome.js';
