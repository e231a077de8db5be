import type { Sandbox } from '../../src/sandbox/index.ts';
import { exec } from './host.ts';

/** Prints all that makes a host what it is, one line each, what differs between any two hosts (keys, passwords, addresses) left out. */
const script = String.raw`
dpkg-query -W -f 'package ${'${Package} ${Version} ${db:Status-Abbrev}'}\n'
cd /
secret=$(for file in /etc/foobar-provision/secrets/*; do [ -e "$file" ] && cat "$file" && echo; done)
for root in etc/nginx etc/php etc/mysql etc/foobar-provision etc/systemd/system run/systemd/system etc/apt etc/ssh/sshd_config.d etc/nftables.conf etc/nftables.d etc/timezone etc/locale.conf etc/default/locale srv/www var/lib/foobar-provision/manifests var/lib/foobar-provision/owed; do
  [ -e "$root" ] || continue
  find "$root" ! -path '*/sessions/*' ! -name '*.sock' ! -path '*/run-*' -printf 'path %y %m %u:%g %l %p\n'
done
find etc srv run -xdev -name '.foobar-provision*' -printf 'leftover %p\n' 2>/dev/null
find run/systemd/system var/lib/foobar-provision/incoming -name '*hold.conf' -o -path 'var/lib/foobar-provision/incoming/*' 2>/dev/null | sed 's/^/leftover /'
find etc/nginx etc/php etc/mysql etc/ssh/sshd_config.d etc/nftables.conf etc/nftables.d srv/www etc/timezone etc/locale.conf etc/foobar-provision/instances var/lib/foobar-provision/manifests -type f ! -path '*/sessions/*' ! -name debian.cnf 2>/dev/null | sort | while read -r file; do
  printf 'content %s %s\n' "$(secrets="$secret" awk 'BEGIN { count = split(ENVIRON["secrets"], secret, "\n") } { for (i = 1; i <= count; i++) while (secret[i] != "" && (at = index($0, secret[i])) > 0) $0 = substr($0, 1, at - 1) "SECRET" substr($0, at + length(secret[i])); print }' "$file" | sha256sum | cut -d ' ' -f 1)" "$file"
done
getent passwd | sed -n 's/^\([a-z0-9_-]*com\):[^:]*:[0-9]*:[0-9]*:/account \1 /p'
for unit in nginx mariadb mysql ssh nftables $(cd /etc/php 2>/dev/null && for v in *; do echo "php$v-fpm"; done; systemctl list-units --all --plain --no-legend 'php-*' | cut -d ' ' -f 1); do printf 'unit %s %s %s\n' "$unit" "$(systemctl is-active "$unit")" "$(systemctl is-enabled "$unit" 2>&1)"; done
nft -st list ruleset 2>/dev/null | sed 's/[[:blank:]]*#.*//; s/^/rule /'
find etc/systemd/system run/systemd -name 'foobar-provision-revert*' | sed 's/^/leftover /'
systemctl list-units --failed --plain --no-legend | sed 's/^/failed /'
client=$(command -v mariadb || command -v mysql)
$client -BN -e "SELECT 'schema', table_schema, table_name, column_name, column_type FROM information_schema.columns WHERE table_schema LIKE '%\_com' ORDER BY 2, 3, ordinal_position; SELECT 'user', user, host FROM mysql.user ORDER BY 2, 3;" 2>/dev/null
for user in $($client -BN -e "SELECT user FROM mysql.user WHERE user LIKE '%\_com'" 2>/dev/null); do $client -BN -e "SHOW GRANTS FOR '$user'@'localhost'" 2>/dev/null | sed 's/IDENTIFIED.*//'; done
for database in $($client -BN -e "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '%\_com'" 2>/dev/null); do $client -BN "$database" -e "SELECT 'migration', name FROM foobar_migrations ORDER BY name" 2>/dev/null; done
`;

/** The lines of a host's fingerprint, sorted. Two hosts on which the same holds have the same lines. */
export async function fingerprint(host: Sandbox): Promise<readonly string[]> {
  const { stdout } = await exec(host, script);
  return stdout.split('\n').filter(Boolean).sort();
}

/** What the one has and the other lacks, each line with its sign; empty where they are the same. */
export function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  const [one, other] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !other.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !one.has(line)).map((line) => `+ ${line}`),
  ];
}
