# Installed packages and candidates. POSIX sh; leaves nothing on the host except, if its package lists are empty or old, fresh ones in a private
# folder whose path is printed.
# shellcheck disable=SC2086 # the words are packages and options

# Package lists that are older than this many minutes are fetched again.
lists_age=1440
# The timeout for fetching them over a slow line, in seconds. A silent mirror has a much shorter one.
lists_seconds=900
# The kilobytes that Debian's lists and apt's cache of them need: 91 and 47 MB, and a reserve.
lists_space=200000

is_installed() {
  case "
$installed" in *"
$1 installed "*) ;; *) return 1 ;; esac
}

# settle_alternatives "NAME...": if one of these is installed, the others are not missing
settle_alternatives() {
  for name in $1; do
    is_installed "$name" || continue
    left=
    for other in $missing; do case " $1 " in *" $other "*) ;; *) left="$left $other" ;; esac; done
    missing=$left
  done
}

# read_packages "NAME..." "NAME..." "NAME..."...: prints the installed or candidate versions of the first packages, and the installed versions of the
# second. Of each further group one package is enough: if one is installed, the others are not looked up.
read_packages() {
  command -v dpkg-query >/dev/null || return 0
  section installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status} ${Version}\n' $1 $2 2>/dev/null | grep ' installed ')
  printf '%s\n' "$installed"
  missing=
  for name in $1; do is_installed "$name" || missing="$missing $name"; done
  shift 2
  for group; do settle_alternatives "$group"; done
  [ -z "$missing" ] || read_candidates
}

read_candidates() {
  lists=/var/lib/apt/lists options='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
  # Without its cache apt takes a second, and it would rewrite an outdated cache. The cache does not depend on apt.conf.
  [ -n "$(find $lists /var/lib/dpkg/status /etc/apt ! -path /etc/apt ! -path '/etc/apt/apt.conf.d*' -newer /var/cache/apt/pkgcache.bin 2>&1 | head -n 1)" ] || options=
  if [ -z "$(find $lists -maxdepth 1 -name '*Packages*' -mmin -$lists_age 2>/dev/null | head -n 1)" ]; then
    for old in /var/tmp/foobar-provision-lists.*; do [ -d "$old" ] && find "$old" -maxdepth 0 -mmin +60 -exec rm -rf {} +; done
    section update
    # If they do not fit, apt's messages do not mention space.
    if [ "$(df -Pk /var/tmp | awk 'END { print $4 }')" -lt $lists_space ]; then echo 'no space'; return 0; fi
    lists=$(mktemp -d /var/tmp/foobar-provision-lists.XXXXXX) || { echo 'no space'; return 0; }
    section lists; printf '%s\n' "$lists"
    chmod 0755 "$lists"; mkdir -p "$lists/partial"
    section update; timeout $lists_seconds apt-get update -qq -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 -o Acquire::Retries=0 -o Dir::State::lists="$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= 2>&1
    # apt's cache of them is kept beside them, for the next query, and is removed with them.
    mkdir -p "$lists/cache"
    options="-o Dir::State::lists=$lists -o Dir::Cache::pkgcache=$lists/cache/pkgcache.bin -o Dir::Cache::srcpkgcache="
  fi
  section candidates; apt-cache policy $options $missing 2>/dev/null
}
