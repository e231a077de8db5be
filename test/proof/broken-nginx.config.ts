import { defineConfig, definePlaybook, file, reload, sh } from 'foobar-provision';

/** A file that its own checker refuses. */
const broken = definePlaybook({
  name: 'broken',
  resources: () => [
    file('/etc/nginx/conf.d/mine.conf', {
      content: 'not_a_directive on;',
      notify: reload('nginx', { name: 'nginx -t', roots: ['/etc/nginx'], command: sh`nginx -t -q` }),
    }),
  ],
});

export default defineConfig({ domain: 'foobar.com', php: { extensions: [] }, host: false, playbooks: [broken] });
