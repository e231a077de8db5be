import { defineConfig, definePlaybook, file, reload, sh } from 'foobar-provision';

/** A file that its own checker refuses. */
const broken = definePlaybook({
  name: 'broken',
  resources: () => [
    file('/etc/php/8.4/fpm/pool.d/mine.conf', {
      content: '[mine]\nuser = nobody-of-that-name\n',
      notify: reload('php8.4-fpm', { name: 'php-fpm8.4 -t', roots: ['/etc/php/8.4'], command: sh`php-fpm8.4 -t` }),
    }),
  ],
});

export default defineConfig({ domain: 'foobar.com', php: { extensions: [] }, host: false, playbooks: [broken] });
