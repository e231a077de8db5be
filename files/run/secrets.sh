# Secrets: generated and stored on this host, in files that only root can read.

back_up_secret() {
  ( umask 077 && folder_synced "$SECRETS" ) && prepare_staging "$SECRETS/$1" && back_up "$SECRETS/$1" "secret-$1"
}

write_secret() {
  write_record "$SECRETS" "$1" && [ -s "$SECRETS/$1" ]
}

generate_secret() {
  back_up_secret "$1" || return
  [ -s "$SECRETS/$1" ] || LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 32 | write_secret "$1"
}

store_secret() {
  back_up_secret "$1" || return
  if [ ! -e "$RUN/secrets/$1" ]; then
    # An exported script contains no secret, so the person who runs it has to write the file first.
    [ ! -s "$SECRETS/$1" ] || return 0
    printf '%s\n' "This script contains no secrets. Write the secret $1 to $SECRETS/$1 (mode 0600), then run the script again."
    return 1
  fi
  write_secret "$1" <"$RUN/secrets/$1"
}

remove_secret() {
  back_up_secret "$1" && remove_synced "$SECRETS/$1"
}

restore_secret() {
  restore_file "$SECRETS/$1" "secret-$1"
}
