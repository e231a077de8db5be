# The restic repository. It is encrypted with a passphrase that only this host and its administrator have.

LIMIT=
# store ARGUMENT...: runs restic on the repository, for at most $LIMIT seconds if that is set. Only this process has the keys in its environment.
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

# open_repository: checks that the repository can be used, and creates it if this host has never opened one at this address
open_repository() {
  make_passphrase && require_keys || return
  say 'opening the repository'
  # Without a limit, restic retries for 15 minutes if a server is down or a bucket does not exist yet.
  if ( LIMIT=60 store cat config ) >/dev/null 2>"$ERRORS"; then
    note_opened
    # This removes a lock only if its process on this host has ended, or if nobody has refreshed it for half an hour.
    store unlock --quiet
    return
  fi
  if ! grep -qiE 'is there a repository|repository does not exist|unable to open config|specified (key|bucket) does not exist|NoSuch' "$ERRORS"; then
    explain_repository
    return 1
  fi
  if [ "$(cat "$RECORDS/$NAME.repository" 2>/dev/null)" = "$REPOSITORY" ]; then
    {
      printf '%s\n' "The repository at $REPOSITORY no longer exists."
      if [ "$KIND" = path ]; then printf '%s\n' 'If it is on another disk, mount it, and run again.'; fi
      printf '%s\n' "If it was deleted, remove $RECORDS/$NAME.repository to create a new one."
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

# make_passphrase: generates the passphrase if there is none yet
make_passphrase() {
  [ -s "$SECRETS/$NAME.backup" ] || head -c 4096 /dev/urandom | tr -dc 'A-Za-z0-9' | head -c 32 | write_record "$SECRETS" "$NAME.backup"
}

# require_keys: fails if a key, a host key or a folder is missing that only the administrator can provide
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

# explain_repository: prints restic's error, and adds what to do about it
explain_repository() {
  {
    tail -n 20 "$ERRORS"
    case $(cat "$ERRORS") in
      *'wrong password'*) printf '%s\n' "The repository has another passphrase than $SECRETS/$NAME.backup. Store the correct one: foobar-provision backup schedule --secrets-stdin" ;;
      *'ermission denied (publickey'*) printf '%s\n' "Add this line to ~$SFTP_USER/.ssh/authorized_keys on $SFTP_HOST: $(cat "$SECRETS/$NAME.backup-ssh.pub")" ;;
      *'Host key verification failed'*) printf '%s\n' "The host key of $SFTP_HOST has changed. If that is expected, remove $RECORDS/$NAME.known_hosts, and run: foobar-provision backup schedule" ;;
      *'returned error, retrying'*) printf '%s\n' "$REPOSITORY does not respond correctly. Check its address, its keys and its server." ;;
      *'no space left'*) printf '%s\n' "The disk of $REPOSITORY is full. Free some space there, or keep fewer backups." ;;
      *'already locked'*) printf '%s\n' 'Another host or user has locked the repository. If nobody is using it, run: restic unlock' ;;
      *'ciphertext verification failed'* | *'does not match'* | *'invalid data'*) printf '%s\n' "The repository at $REPOSITORY is damaged: see restic check, and restic repair." ;;
    esac
  } >"$ERRORS.explained"
  mv -f "$ERRORS.explained" "$ERRORS"
  cat "$ERRORS" >&2
}

# remove_old_backups: removes all backups except the last one of each of the last days, weeks and months
remove_old_backups() {
  say 'removing old backups'
  store forget --quiet --host "$NAME" --group-by host,paths --keep-daily "$DAILY" --keep-weekly "$WEEKLY" --keep-monthly "$MONTHLY" --prune 2>"$ERRORS" >"$ERRORS.kept" && return
  explain_repository
  return 1
}
