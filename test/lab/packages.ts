/** Packages of hosts whose tests are about something else than their installation. Each set is a base system to build, so there are few. */
export const php: readonly string[] = ['nginx', 'php8.4-fpm'];
export const stack: readonly string[] = [...php, 'php8.4-mysql', 'mariadb-server'];
