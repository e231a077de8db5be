# Reads a repository on a host that has only the address and the secrets of it. They are stored under the name `recovery` until the name of the
# configuration is known. `use_recovery` has to be called first.

# use_recovery ADDRESS KIND USER HOST PORT
use_recovery() {
  NAME=recovery REPOSITORY=$1 KIND=$2 SFTP_USER=$3 SFTP_HOST=$4 SFTP_PORT=$5
  ERRORS=/run/foobar-provision-recovery.errors
  umask 077
}

# install_for_recovery PACKAGE...: installs the programs that read the repository
install_for_recovery() {
  # shellcheck disable=SC2016 # it is a field of dpkg-query
  [ "$(dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null | grep -cx installed)" -lt "$#" ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  tries=0
  # On a host that was just started, another program may be updating the lists.
  until apt-get -qq update 2>"$ERRORS"; do
    tries=$((tries + 1))
    grep -q 'Could not get lock' "$ERRORS" && [ "$tries" -lt 60 ] || { cat "$ERRORS" >&2; return 1; }
    sleep 5
  done
  apt-get -qq -o DPkg::Lock::Timeout=600 install --no-install-recommends --yes "$@" >"$ERRORS" 2>&1 || { tail -n 20 "$ERRORS" >&2; return 1; }
}

# list_recoverable: prints the backups in the repository, in restic's JSON
list_recoverable() {
  require_keys || return
  ( LIMIT=60 store cat config ) >/dev/null 2>"$ERRORS" && store snapshots --json 2>"$ERRORS" && return
  case $(cat "$ERRORS") in
    *'wrong password'*) printf '%s\n' "The passphrase is not that of the repository $REPOSITORY." >&2 ;;
    *) explain_repository ;;
  esac
  return 1
}

# print_recoverable ID PATH: prints a file of a backup, or a folder as a tar archive
print_recoverable() {
  store dump "$1" "/site/$2" 2>"$ERRORS" && return
  explain_repository
  return 1
}

# recover_secrets ID NAME DOMAIN: stores the secrets and variables of a site, except those that the host already has
recover_secrets() {
  at=/run/foobar-provision-recovered
  rm -rf "$at" "$at.tar"
  mkdir "$at" && print_recoverable "$1" about/secrets >"$at.tar" && tar -xf "$at.tar" -C "$at" --strip-components=3 --no-same-owner || return
  for secret in "$at/$3".*; do
    # The backup also has the secrets of its repository, which were passed already.
    case ${secret##*/} in "$2".backup*) continue ;; esac
    [ ! -f "$secret" ] || [ -e "$SECRETS/${secret##*/}" ] || write_record "$SECRETS" "${secret##*/}" <"$secret" || return
  done
  stored=/etc/foobar-provision/instances/$3/.stored
  if [ -d "$at/variables" ] && [ ! -e "$stored" ]; then
    folder_synced "${stored%/*}" && rm -rf "$stored.new" && cp -R -- "$at/variables" "$stored.new" && move_synced "$stored.new" "$stored" || return
  fi
  rm -rf "$at" "$at.tar"
}

# adopt_recovery NAME: gives the secrets of the repository the name of the configuration
adopt_recovery() {
  for each in backup backup-key-id backup-key backup-ssh backup-ssh.pub; do
    [ ! -e "$SECRETS/recovery.$each" ] || rename_synced "$SECRETS/recovery.$each" "$SECRETS/$1.$each" || return
  done
  [ ! -e "$RECORDS/recovery.known_hosts" ] || rename_synced "$RECORDS/recovery.known_hosts" "$RECORDS/$1.known_hosts" || return
  # The user has the passphrase.
  : | write_record "$RECORDS" "$1.shown"
}

# forget_recovery: removes the secrets of a recovery that has failed, except the key that the user may have added to a server
forget_recovery() {
  rm -rf -- "$SECRETS/recovery.backup" "$SECRETS/recovery.backup-key-id" "$SECRETS/recovery.backup-key" /run/foobar-provision-recovered /run/foobar-provision-recovered.tar "$ERRORS"
}

# has_backups NAME: succeeds if the host has backups of this configuration
has_backups() {
  [ -e "/etc/foobar-provision/backups/$1/settings" ]
}
