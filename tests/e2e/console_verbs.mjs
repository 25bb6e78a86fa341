// One row for each verb: the words it is tried with, and the route whose answer it then shows.
// Verbs without `asks` are tried where what they do is tested; `where` says so. A verb that is
// missing here fails the test.

export function answers({ integration, connection, sync }) {
  const variant = [integration, connection, sync, 'eu-1'];
  const bulk = { where: 'console.test.mjs' };
  return {
    'actions list': { words: [integration, connection], asks: 'GET /varia/actions' },
    'audit list': { asks: 'GET /varia/audit' },
    'budgets list': { asks: 'GET /varia/budgets' },
    'ca init': { where: 'ca_test.cpp' },
    'ca issue': { where: 'ca_test.cpp' },
    completion: { where: 'console.test.mjs' },
    console: { where: 'console.test.mjs' },
    'context delete': { where: 'console.test.mjs' },
    'context list': { where: 'console.test.mjs' },
    'context set': { where: 'console.test.mjs' },
    'context use': { where: 'console.test.mjs' },
    coordinator: { where: 'cluster.test.mjs' },
    'coordinators list': { asks: 'GET /varia/coordinators' },
    'coordinators promote': { where: 'cluster.test.mjs' },
    deploy: { where: 'demo.test.mjs' },
    dev: { where: 'support.mjs' },
    'environments list': { asks: 'GET /varia/environments' },
    'environments create': { words: ['made'], asks: 'POST /varia/environments' },
    'keys create': {
      words: ['made', 'reader', 'environment:syncs:read'], asks: 'POST /varia/keys',
    },
    'keys list': { asks: 'GET /varia/keys' },
    'keys revoke': { words: ['made', 'reader', '--yes'], asks: 'POST /varia/keys/revoke' },
    'environments delete': { words: ['made', '--yes'], asks: 'POST /varia/environments/delete' },
    'functions list': { asks: 'GET /varia/functions' },
    'functions rollback': { where: 'cli.test.mjs' },
    'functions versions': {
      words: [integration, 'sync', sync], asks: 'GET /varia/functions/versions',
    },
    'log levels': { asks: 'GET /varia/log-level' },
    'log reset': { asks: 'DELETE /varia/log-level' },
    'log set': { words: ['info', '--for', '60'], asks: 'PUT /varia/log-level' },
    man: { where: 'console.test.mjs' },
    'rebalance apply': { asks: 'POST /varia/rebalance' },
    'rebalance plan': { asks: 'GET /varia/rebalance' },
    status: { asks: 'GET /varia/status' },
    'variants apply': { where: 'partitions.test.mjs' },
    'variants cancel': bulk,
    'variants create': {
      words: [integration, connection, sync, 'made'], asks: `POST /sync/${sync}/variant/made`,
    },
    'variants delete': bulk,
    'variants limit': {
      words: ['50', integration, connection, sync], asks: 'PUT /varia/limits',
    },
    'variants list': { asks: 'GET /varia/variants' },
    'variants log': { words: variant, asks: 'GET /varia/variants/log' },
    'variants move': { where: 'move.test.mjs' },
    'variants overlap': {
      words: [integration, connection, sync, 'Item'], asks: 'GET /varia/variants/overlap',
    },
    'variants pause': bulk,
    'variants preview': { words: variant, asks: 'GET /varia/variants/schedule/preview' },
    'variants reset': bulk,
    'variants runs': { words: variant, asks: 'GET /varia/variants/runs' },
    'variants schedule': { words: variant, asks: 'GET /varia/variants/schedule' },
    'variants start': bulk,
    'variants trigger': bulk,
    'variants undelete': { where: 'partitions.test.mjs' },
    'webhooks dead': { asks: 'GET /varia/webhooks/dead' },
    'webhooks deliveries': { asks: 'GET /varia/webhooks/deliveries' },
    'webhooks incoming': { words: [integration], asks: 'GET /varia/webhooks/incoming' },
    'webhooks key': { asks: 'GET /varia/webhooks/signing-key' },
    'webhooks resend': { words: ['all'], asks: 'POST /varia/webhooks/resend' },
    'webhooks rotate': {
      words: ['--yes'], asks: 'POST /environment/webhook-signing-key/rotate',
    },
    'webhooks set': {
      words: ['primary_url', 'http://127.0.0.1:9'], asks: 'POST /varia/webhooks/set',
    },
    'webhooks settings': { asks: 'GET /varia/webhooks/settings' },
    worker: { where: 'cluster.test.mjs' },
    'workers cordon': { words: ['worker-1'], asks: 'POST /varia/workers/cordon' },
    'workers drain': { where: 'cluster.test.mjs' },
    'workers list': { asks: 'GET /varia/workers' },
    'workers uncordon': { words: ['worker-1'], asks: 'POST /varia/workers/uncordon' },
  };
}
