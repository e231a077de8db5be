# The repository: restic's, encrypted with a passphrase that only this host and its administrator know.

LIMIT=
# store ARGUMENT...: runs restic for the repository, for at most $LIMIT seconds if that is set. Its keys are in the environment of this process alone.
store() (
  export RESTIC_REPOSITORY="$REPOSITORY" RESTIC_PASSWORD_FILE="$SECRETS/$NAME.backup" RESTIC_CACHE_DIR="/var/cache/foobar-provision-backups/$NAME" RESTIC_PROGRESS_FPS=0.5
  if [ -s "$SECRETS/$NAME.backup-key-id" ]; then
    AWS_ACCESS_KEY_ID=$(cat "$SECRETS/$NAME.backup-key-id") AWS_SECRET_ACCESS_KEY=$(cat "$SECRETS/$NAME.backup-key")
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
  fi
  if [ "$KIND" = sftp ]; then
    set -- -o "sftp.command=ssh -F none -i $SECRETS/$NAME.backup-ssh -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile=$RECORDS/$NAME.known_hosts -o StrictHostKeyChecking=yes -p $SFTP_PORT -l $SFTP_USER $SFTP_HOST -s sftp" "$@"
  fi
  exec ${LIMIT:+timeout --kill-after=5 "$LIMIT"} restic "$@"
)

# open_repository: checks that the repository can be used, and creates it if there never was one
open_repository() {
  make_passphrase && require_keys || return
  say 'opening the repository'
  # Without a limit, restic tries for a quarter of an hour to reach a server that is down, or a bucket that does not exist yet.
  if ( LIMIT=60 store cat config ) >/dev/null 2>"$ERRORS"; then
    note_opened
    # Locks are removed if their process on this host has ended, or if nobody has refreshed them for half an hour.
    store unlock --quiet
    return
  fi
  if ! grep -qiE 'is there a repository|repository does not exist|unable to open config|specified (key|bucket) does not exist|NoSuch' "$ERRORS"; then
    explain_repository
    return 1
  fi
  if [ "$(cat "$RECORDS/$NAME.repository" 2>/dev/null)" = "$REPOSITORY" ]; then
    {
      printf '%s\n' "The repository at $REPOSITORY is gone; there was one before."
      if [ "$KIND" = path ]; then printf '%s\n' 'If it is on another disk, mount it, and run again.'; fi
      printf '%s\n' "If it was deleted, remove $RECORDS/$NAME.repository to begin a new one."
      cat "$ERRORS"
    } >"$ERRORS.explained"
    mv -f "$ERRORS.explained" "$ERRORS"
    cat "$ERRORS" >&2
    return 1
  fi
  ( LIMIT=120 store init --quiet ) 2>"$ERRORS" || { explain_repository; return 1; }
  say "created the repository $REPOSITORY"
  note_opened
}

note_opened() {
  [ "$(cat "$RECORDS/$NAME.repository" 2>/dev/null)" = "$REPOSITORY" ] || printf '%s\n' "$REPOSITORY" | write_record "$RECORDS" "$NAME.repository"
}

# make_passphrase: generates the passphrase once
make_passphrase() {
  [ -s "$SECRETS/$NAME.backup" ] || head -c 4096 /dev/urandom | tr -dc 'A-Za-z0-9' | head -c 32 | write_record "$SECRETS" "$NAME.backup"
}

# require_keys: fails if something is missing that only a person can give
require_keys() {
  case $KIND in
    s3) [ -s "$SECRETS/$NAME.backup-key" ] || missing_keys "The keys of $REPOSITORY are missing." ;;
    sftp) [ -s "$RECORDS/$NAME.known_hosts" ] || missing_keys "The host key of $SFTP_HOST is not known yet." ;;
    path) [ -d "$REPOSITORY" ] || missing_folder ;;
  esac
}

missing_keys() {
  printf '%s\n' "$1 Run: foobar-provision backup schedule" | tee "$ERRORS" >&2
  return 1
}

missing_folder() {
  printf '%s\n' "There is no folder $REPOSITORY. Create it, or mount its disk, and run again." | tee "$ERRORS" >&2
  return 1
}

# explain_repository: completes restic's words by what to do
explain_repository() {
  {
    tail -n 20 "$ERRORS"
    case $(cat "$ERRORS") in
      *'wrong password'*) printf '%s\n' "The repository has another passphrase than $SECRETS/$NAME.backup. Store its own: foobar-provision backup schedule --secrets-stdin" ;;
      *'ermission denied (publickey'*) printf '%s\n' "Add this line to ~$SFTP_USER/.ssh/authorized_keys on $SFTP_HOST: $(cat "$SECRETS/$NAME.backup-ssh.pub")" ;;
      *'Host key verification failed'*) printf '%s\n' "The host key of $SFTP_HOST has changed. If that is right, remove $RECORDS/$NAME.known_hosts, and run: foobar-provision backup schedule" ;;
      *'returned error, retrying'*) printf '%s\n' "$REPOSITORY does not answer as it should. Check its address, its keys and its server." ;;
      *'no space left'*) printf '%s\n' "The disk of $REPOSITORY is full. Make room there, or keep fewer backups." ;;
      *'already locked'*) printf '%s\n' 'Another host, or a person, is using the repository. If that has ended, run: restic unlock' ;;
      *'ciphertext verification failed'* | *'does not match'* | *'invalid data'*) printf '%s\n' "The repository at $REPOSITORY is damaged: see restic check, and restic repair." ;;
    esac
  } >"$ERRORS.explained"
  mv -f "$ERRORS.explained" "$ERRORS"
  cat "$ERRORS" >&2
}

# remove_old_backups: keeps the last backup of each of the last days, weeks and months, for each site
remove_old_backups() {
  say 'removing backups that are not kept'
  store forget --quiet --host "$NAME" --group-by host,paths --keep-daily "$DAILY" --keep-weekly "$WEEKLY" --keep-monthly "$MONTHLY" --prune 2>"$ERRORS" >"$ERRORS.kept" && return
  explain_repository
  return 1
}
