# Secrets: made here, kept here, in files of root's alone.

keep_before() {
  ( umask 077 && folder_synced "$SECRETS" ) && beside "$SECRETS/$1" && keep "$SECRETS/$1" "secret-$1"
}

write_secret() {
  write_record "$SECRETS" "$1" && [ -s "$SECRETS/$1" ]
}

make_secret() {
  keep_before "$1" || return
  [ -s "$SECRETS/$1" ] || LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 32 | write_secret "$1"
}

keep_secret() {
  keep_before "$1" || return
  if [ ! -e "$RUN/secrets/$1" ]; then
    # An exported script holds no secret: whoever runs it has put it there before.
    [ ! -s "$SECRETS/$1" ] || return 0
    printf '%s\n' "This script holds no secrets. Write the one named $1 into $SECRETS/$1 (mode 0600), then run it again."
    return 1
  fi
  write_secret "$1" <"$RUN/secrets/$1"
}

forget_secret() {
  keep_before "$1" && remove_synced "$SECRETS/$1"
}

restore_secret() {
  restore_file "$SECRETS/$1" "secret-$1"
}
