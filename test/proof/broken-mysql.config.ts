import { defineConfig, definePlaybook, file, restart, sh } from 'foobar-provision';

/** A file that its own checker refuses. */
const broken = definePlaybook({
  name: 'broken',
  resources: () => [
    file('/etc/mysql/mariadb.conf.d/95-mine.cnf', {
      content: '[mariadbd]\nno-such-option = 1\n',
      notify: restart('mariadb', {
        name: 'mariadbd --help --verbose',
        roots: ['/etc/mysql'],
        command: sh`mariadbd --user=mysql --help --verbose >/dev/null`,
      }),
    }),
  ],
});

export default defineConfig({ domain: 'foobar.com', php: { extensions: [] }, host: false, playbooks: [broken] });
