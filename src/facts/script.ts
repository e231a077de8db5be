import { atOnce, quote } from '../command/command.ts';
import { databaseScript } from './database.ts';
import { nginxPathsScript } from './nginx.ts';

/** Package lists older than this are fetched again before they are asked, in hours. */
const listsAgeHours = 24;

/** Seconds that their lists may take by a slow line. A mirror that says nothing is given up much sooner. */
const listsSeconds = 900;

/** Kilobytes that Debian's lists and what apt works out from them take: 91 and 47 MB, and a reserve. */
const listsSpace = 200_000;

/** What the facts are asked of packages. */
export interface AskedPackages {
  /** Those whose versions count, installed or not. */
  readonly packages: readonly string[];
  /** Groups of those of which one is enough. */
  readonly oneOf?: readonly (readonly string[])[];
  /** Those of which only what is installed counts. */
  readonly presence?: readonly string[];
}

/**
 * Reads the facts, and keeps nothing on the host but, where its package lists are empty or old, fresh ones in a private folder
 * whose path is printed; whoever asked removes it or has the run put it in place.
 * What is installed is not looked up again, and what only counts where it is installed is not looked up at all.
 */
export function factsScript(asked: AskedPackages): string {
  const sections = `section() { printf '\\n%s %s\\n' '#facts' "$1"; }`;
  return `${sections}\n${atOnce([packagesScript(asked), accessScript, hostScript, databaseScript, nginxPathsScript])}\n`;
}

const hostScript = `section release; cat /etc/os-release
section host; uname -m; nproc; cat /proc/sys/kernel/hostname
section memory; grep MemTotal /proc/meminfo; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null
section traits
[ ! -e /proc/net/if_inet6 ] || echo ipv6
! systemd-detect-virt --quiet --container 2>/dev/null || echo container
[ ! -d /run/systemd/system ] || echo systemd
section addresses; ip -o addr show scope global 2>/dev/null || hostname -I
places='/ /usr /var /var/cache /var/lib /var/lib/foobar-provision /var/tmp /srv /srv/www'
section space; df -Pk $places 2>/dev/null
section inodes; df -Pi $places 2>/dev/null
section readonly; for path in /etc /usr /var/lib /srv; do [ -w "$path" ] || printf '%s\\n' "$path"; done
section clock; date +%s
[ ! -d /etc/nginx ] || { section nginx; grep -LsZ 'Written by foobar-provision' /etc/nginx/nginx.conf /etc/nginx/conf.d/*.conf /etc/nginx/sites-enabled/* | xargs -0r awk '
FNR == 1 { rest = "" }
{ sub(/#.*/, ""); rest = rest " " $0 }
{ while (match(rest, /[;{}]/)) { directive = substr(rest, 1, RSTART - 1); rest = substr(rest, RSTART + 1); if (directive ~ /^[ \t]*(listen|server_name|server_names_hash_bucket_size)[ \t]/) print FILENAME ":" directive ";" } }' 2>/dev/null; }
! command -v nginx >/dev/null || { section refusal; timeout 10 nginx -t -q 2>&1 | sed -n 's/^.*\\[\\(emerg\\|alert\\)\\] \\([0-9]*#[0-9]*: \\)\\{0,1\\}//p' | head -n 1; }
ports=
systemctl is-active --quiet nginx || ports='sport = :80 or sport = :443'
systemctl is-active --quiet mariadb mysql || ports="\${ports:+$ports or }sport = :3306"
[ -z "$ports" ] || { section listeners; ss -Hltnp "( $ports )" 2>/dev/null; }`;

// Any process may call itself sshd, or by a name that breaks the line. `ss -e` tells the user of a socket that is not root's right behind its processes.
const process = '"[^"]*",pid=[0-9]+,fd=[0-9]+';
const rootsSshd = `"(sshd|dropbear)",pid=[0-9]+,fd=[0-9]+\\)(,\\(${process}\\))*\\) +ino:[0-9]+ sk:`;
const accessScript = `section ssh; ss -Hltnpe 2>/dev/null | grep -E '${rootsSshd}'; systemctl show --property=ActiveState,Listen ssh.socket 2>/dev/null; printf 'Connection=%s\\n' "\${SSH_CONNECTION:-}"
section keys; cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null
section firewall
! grep -qs foobar_provision /etc/nftables.conf || echo ours
! grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf || echo ufw
systemctl list-units --plain --no-legend --state=active firewalld.service docker.service shorewall.service netfilter-persistent.service 2>/dev/null | cut -d ' ' -f 1
! command -v nft >/dev/null || nft -st list ruleset 2>/dev/null | awk '/^table/ { table = "rules in the table " $2 " " $3 } /^\t\t/ && !/^\t\ttype / { print table }' | sort -u
! command -v iptables >/dev/null || ! iptables -S 2>/dev/null | grep -q '^-A' || echo 'rules of iptables'`;

function packagesScript({ packages, oneOf = [], presence = [] }: AskedPackages): string {
  return `command -v dpkg-query >/dev/null || exit 0
section installed
wanted=${quote(packages.join(' '))}
installed=$(dpkg-query -W -f '\${Package} \${db:Status-Status} \${Version}\\n' $wanted${presence.map((name) => ` ${quote(name)}`).join('')} 2>/dev/null | grep ' installed ')
printf '%s\\n' "$installed"
missing=
for name in $wanted; do case "
$installed" in *"
$name installed "*) ;; *) missing="$missing $name" ;; esac; done
${oneOf.map((group) => settled(group)).join('\n')}
[ -n "$missing" ] || exit 0
lists=/var/lib/apt/lists options='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
# Without its cache apt takes a second, and with one that is out of date it would write another. How apt behaves is no part of what it keeps.
[ -n "$(find $lists /var/lib/dpkg/status /etc/apt ! -path /etc/apt ! -path '/etc/apt/apt.conf.d*' -newer /var/cache/apt/pkgcache.bin 2>&1 | head -n 1)" ] || options=
if [ -z "$(find $lists -maxdepth 1 -name '*Packages*' -mmin -${listsAgeHours * 60} 2>/dev/null | head -n 1)" ]; then
  for old in /var/tmp/foobar-provision-lists.*; do [ -d "$old" ] && find "$old" -maxdepth 0 -mmin +60 -exec rm -rf {} +; done
  section update
  # Where they do not fit, apt talks of anything but space.
  if [ "$(df -Pk /var/tmp | awk 'END { print $4 }')" -lt ${listsSpace} ]; then echo 'no space'; exit 0; fi
  lists=$(mktemp -d /var/tmp/foobar-provision-lists.XXXXXX) || { echo 'no space'; exit 0; }
  section lists; printf '%s\\n' "$lists"
  chmod 0755 "$lists"; mkdir -p "$lists/partial"
  section update; timeout ${listsSeconds} apt-get update -qq -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 -o Acquire::Retries=0 -o Dir::State::lists="$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= 2>&1
  # What apt works out from them is kept beside them: the next question is answered from it, and no trace stays.
  mkdir -p "$lists/cache"
  options="-o Dir::State::lists=$lists -o Dir::Cache::pkgcache=$lists/cache/pkgcache.bin -o Dir::Cache::srcpkgcache="
fi
section candidates; apt-cache policy $options $missing 2>/dev/null
`;
}

/** Of alternatives only the installed one counts, so the others are not looked up. */
function settled(group: readonly string[]): string {
  const has = group.map((name) => `*"\n${name} installed "*`).join('|');
  const drop = group.map((name) => `s/ ${name}\\( \\|$\\)/ /`).join(';');
  return `case "\n$installed" in ${has}) missing=$(printf '%s' "$missing" | sed -e '${drop}' -e '${drop}' -e 's/^ *$//') ;; esac`;
}
