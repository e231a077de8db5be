# Stores what the user provides for the repository of a configuration: its secrets, and the host key of its server.
SECRETS=/etc/foobar-provision/secrets RECORDS=/var/lib/foobar-provision/backups

# store_backup_secrets NAME: stores the secrets on standard input, one `name=value` on each line
store_backup_secrets() {
  while IFS= read -r line; do
    case $line in
      passphrase=*) printf '%s\n' "${line#*=}" | write_record "$SECRETS" "$1.backup" ;;
      key-id=*) printf '%s\n' "${line#*=}" | write_record "$SECRETS" "$1.backup-key-id" ;;
      key=*) printf '%s\n' "${line#*=}" | write_record "$SECRETS" "$1.backup-key" ;;
    esac || return
  done
}

# backup_state NAME: prints what is already set up, one word on each line; `public` and `next` have a value after the word
backup_state() {
  [ ! -e "/etc/foobar-provision/backups/$1/settings" ] || printf '%s\n' settings
  [ ! -s "$SECRETS/$1.backup" ] || printf '%s\n' passphrase
  [ ! -s "$SECRETS/$1.backup-key" ] || printf '%s\n' keys
  [ ! -s "$RECORDS/$1.known_hosts" ] || printf '%s\n' known-host
  [ ! -e "$RECORDS/$1.shown" ] || printf '%s\n' shown
  [ ! -s "$SECRETS/$1.backup-ssh.pub" ] || printf 'public %s\n' "$(cat "$SECRETS/$1.backup-ssh.pub")"
  printf 'next %s\n' "$(systemctl show --property=NextElapseUSecRealtime --value "foobar-provision-backup-$1.timer")"
}

# make_backup_key NAME: generates the key pair for SFTP if there is none yet
make_backup_key() {
  [ -s "$SECRETS/$1.backup-ssh" ] || ( umask 077 && folder_synced "$SECRETS" && ssh-keygen -q -t ed25519 -N '' -C "backups of $1" -f "$SECRETS/$1.backup-ssh" && sync "$SECRETS" )
}

# scan_host_key HOST PORT: prints the known_hosts line of a server, and on the next line its fingerprint
scan_host_key() {
  ssh-keyscan -T 10 -p "$2" -t ed25519,ecdsa,rsa "$1" 2>/dev/null | awk '!/^#/ && (key == "" || $2 == "ssh-ed25519") { key = $0 } END { if (key != "") print key }' >/run/foobar-provision-scan.$$
  cat /run/foobar-provision-scan.$$
  ssh-keygen -lf /run/foobar-provision-scan.$$ 2>/dev/null
  rm -f /run/foobar-provision-scan.$$
}

# pin_host_key NAME: stores the known_hosts line from standard input
pin_host_key() {
  write_record "$RECORDS" "$1.known_hosts"
}

# show_passphrase NAME: prints the passphrase, and records that it was shown
show_passphrase() {
  cat "$SECRETS/$1.backup" && : | write_record "$RECORDS" "$1.shown"
}
