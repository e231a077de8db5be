# Packages: they are installed in one transaction, which waits for other package managers. `queue_install` and `queue_purge` add to it.

TO_INSTALL=
queue_install() {
  TO_INSTALL="$TO_INSTALL $1"
}

TO_PURGE=
queue_purge() {
  TO_PURGE="$TO_PURGE $1"
}

wait_for_packages() {
  waited=0
  while [ "$waited" -lt 900 ]; do
    busy=
    if cloud_init_is_busy; then
      busy='cloud-init, which is still setting the host up'
    else
      for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock /var/lib/apt/lists/lock; do
        if busy=$(holder "$lock"); then break; else busy=; fi
      done
    fi
    [ -n "$busy" ] || return 0
    say progress "waiting for $busy"
    sleep 1
    waited=$((waited + 1))
  done
  printf '%s\n' "The package manager was still held by $busy after 15 minutes."
  return 1
}

apt() {
  DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1 \
    apt-get -y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# repair_dpkg: finishes an interrupted run of dpkg, because apt refuses everything until then. A package that was interrupted while it was
# unpacked cannot be configured, and is unpacked again. So are packages that a power cut has left without their content (see files/run/dpkg.sh).
repair_dpkg() {
  if [ -e "$STATE/unsynced" ]; then unpack_again || return; fi
  [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || [ -n "$(dpkg --audit)" ] || return 0
  say progress 'finishing an interrupted dpkg'
  DEBIAN_FRONTEND=noninteractive dpkg --configure -a --force-confdef --force-confold && return
  half=$(dpkg-query -W -f '${db:Status-Eflag} ${binary:Package}\n' | sed -n 's/^reinstreq //p' | tr '\n' ' ')
  # shellcheck disable=SC2086 # the names are words
  if [ -n "$half" ]; then apt --fix-broken --reinstall --no-install-recommends install $half; else apt --fix-broken --no-install-recommends install; fi
}

# unpack_again: unpacks the packages that were not synced, in apt's order. Those that dpkg does not know have not been unpacked at all. `apt --reinstall`
# cannot do this, because it does not unpack a package again that has not been configured.
unpack_again() {
  again=$(while read -r name; do dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$name" 2>/dev/null; done <"$STATE/unsynced" | sed -n '/^\(not-installed\|config-files\) /!s/.* //p')
  if [ -n "$again" ]; then
    say progress 'unpacking again what an interrupted dpkg had not synced'
    # The archives that were fetched may be incomplete as well.
    apt clean && mkdir -p "$RUN/again" || return
    # shellcheck disable=SC2086 # the names are words
    ( cd "$RUN/again" && apt download $again ) || return
    set --
    for name in $again; do set -- "$@" "$RUN/again/$name"_*.deb; done
    # They depend on packages that are unpacked before them, and configured after them.
    DEBIAN_FRONTEND=noninteractive dpkg --unpack --force-depends --force-confdef --force-confold "$@" || return
    rm -rf -- "$RUN/again"
  fi
  remove_synced "$STATE/unsynced"
}

ADDED=''

# update_lists: fetches the package lists. A pre-existing source that does not work is reported, and the run continues, because apt reports missing
# packages when it installs. A source that this run has added must work.
update_lists() {
  apt update >"$RUN/update" 2>&1 && { cat "$RUN/update"; return; }
  cat "$RUN/update"
  for added in $ADDED; do
    apt update -o Dir::Etc::sourcelist="/etc/apt/sources.list.d/$added.sources" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 || return
  done
  sed -n "s/^[EW]: \(The repository '[^']*'\).*/\1/p; s/^E: Failed to fetch \([^ ]*\).*/\1/p" "$RUN/update" | sort -u | head -n 5 | while read -r source; do
    say progress "skipping a package source of this host that apt cannot use: $source"
  done
}

run_package_transaction() {
  wait_for_packages || return
  if [ -n "$LISTS" ] && [ -d "$LISTS" ]; then
    find "$LISTS" -maxdepth 1 -type f ! -name lock -exec mv -ft /var/lib/apt/lists {} + && rm -rf "$LISTS" || return
  elif [ -n "$UPDATE" ]; then
    update_lists || return
  fi
  repair_dpkg || return
  [ -e "$STATE/there" ] || { list_packages >"$RUN/packages" && write_record "$STATE" there <"$RUN/packages"; } || return
  if [ -n "$TO_INSTALL" ]; then
    print_dpkg >"$RUN/dpkg" && chmod 0700 "$RUN/dpkg" || return
    # shellcheck disable=SC2086 # the names are words
    apt install -o Dir::Bin::dpkg="$RUN/dpkg" --no-install-recommends --no-remove $TO_INSTALL || return
  fi
  note_installed_packages
}
