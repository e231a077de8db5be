import { expect, test } from 'vitest';
import { recognize } from '../../src/application/detect.ts';

const symfony = { 'bin/console': '', 'config/bundles.php': '', 'public/index.php': '' };
const laravel = { artisan: '', 'bootstrap/app.php': '', 'public/index.php': '' };
const monolog = 'handlers:\n  main:\n    type: stream\n    path: "php://stderr"\n';

test.each<readonly [string, Readonly<Record<string, string>>, true | undefined]>([
  ['Symfony with Monolog', { ...symfony, 'config/packages/monolog.yaml': monolog }, true],
  ['Symfony with Monolog for production alone', { ...symfony, 'config/packages/prod/monolog.yaml': monolog }, true],
  ['Symfony that logs to files', { ...symfony, 'config/packages/monolog.yaml': 'path: "%kernel.logs_dir%/prod.log"' }, undefined],
  ['Symfony that does so in tests alone', { ...symfony, 'config/packages/test/monolog.yaml': monolog }, undefined],
  ['Laravel with this default channel', { ...laravel, 'config/logging.php': "'default' => env('LOG_CHANNEL', 'stderr')," }, true],
  [
    'Laravel, which knows the channel',
    { ...laravel, 'config/logging.php': "env('LOG_CHANNEL', 'stack'), 'with' => 'php://stderr'" },
    undefined,
  ],
  ['a plain application', { 'index.php': "<?php fopen('php://stderr', 'w');" }, undefined],
])('%s: whether it logs to its standard error stream', (_, files, expected) => {
  expect(recognize(Object.keys(files), (path) => files[path] ?? '').logsToStderr).toBe(expected);
});
