# The drill restores a backup beside the site, starts a second instance of the live release on it, and requests its pages. This instance finds the
# restored database and files at the paths of the real ones, and has no network. The drill removes everything at the end.

# drill_is_due: succeeds if the drill is nightly, or weekly and the last one is almost a week old
drill_is_due() {
  case $DRILL_TIMES in
    nightly) return 0 ;;
    weekly) [ -z "$(find "$RECORDS"/*/proven.json -mmin -9700 2>/dev/null)" ] ;;
    *) return 1 ;;
  esac
}

# prove [ID]: runs a drill on a backup, by default the last one, and records the result
prove() {
  attempt drill proven drill "${1:-}"
  code=$?
  remove_drill
  rm -rf "$WORK"
  [ "$code" != 0 ] || say 'the backup has passed the drill'
  return "$code"
}

drill() {
  find_snapshot "$1" && read_live || return
  DRILL=$STATE/backup-drill/$DOMAIN
  remove_drill
  mkdir -p "$DRILL/shared" || return
  tables=0 rows=0 digest=''
  if [ -n "$DATABASE" ]; then
    say "restoring the database of $id beside the site"
    scratch_server && restore_scratch || return
  fi
  say 'restoring the files beside the site'
  restore_files "$DRILL/shared" || return
  files=$(find "$DRILL/shared" ! -type d | wc -l)
  expected=$(count_files) || return
  [ "$files" = "$expected" ] || { printf '%s\n' "The backup has $expected files, and $files were restored." >&2; return 1; }
  restored=$(($(date +%s) - began))
  if [ -n "$socket" ]; then
    say "starting the release $release on it"
    start_drill && ask_drill || return
  fi
  printf '"id":"%s","tables":%s,"rows":%s,"files":%s,"dump":"%s","restored":%s' "$id" "$tables" "$rows" "$files" "$digest" "$restored" >"$WORK/result"
}

# find_snapshot [ID]: sets $id to the id of a backup of this site, by default the last one. Fails if there is none.
find_snapshot() {
  id=$(store snapshots --json --host "$NAME" --tag "$DOMAIN" --latest 1 ${1:+"$1"} 2>"$ERRORS" | grep -o '"short_id":"[0-9a-f]*"' | tail -n 1 | cut -d '"' -f 4)
  [ -n "$id" ] && return
  explain_repository
  printf '%s\n' "There is no backup ${1:+$1 }of $DOMAIN in $REPOSITORY. See: foobar-provision backup list" >&2
  return 1
}

# restore_scratch: loads the dump into the scratch server, checks its digest against the one in the backup, and counts the rows
restore_scratch() {
  store dump "$id" /site/database/data.sql >"$WORK/data.sql" 2>"$ERRORS" && store dump "$id" /site/database/code.sql >"$WORK/code.sql" 2>"$ERRORS" || { explain_repository; return 1; }
  digest=$(sha256sum <"$WORK/data.sql")
  digest=${digest%% *}
  [ "$(store dump "$id" /site/about/data.sha256)" = "$digest  -" ] || { printf '%s\n' 'The dump has another SHA-256 than when it was made.' >&2; return 1; }
  load_dump "$DATABASE" "$(scratch_view)" <"$WORK/data.sql" && load_code "$DATABASE" "$WORK/code.sql" "$(scratch_view)" || return
  rm -f "$WORK/data.sql" "$WORK/code.sql"
  printf "SELECT CONCAT('SELECT COUNT(*) FROM \`', REPLACE(table_name, '\`', '\`\`'), '\`;') FROM information_schema.tables WHERE table_schema = '%s' AND table_type = 'BASE TABLE';" "$DATABASE" | scratch_sql >"$WORK/count" || return
  # The site controls the names of its tables, so count the rows with its own account.
  with_client "exec $(client_words) --batch --skip-column-names $DATABASE" "$(scratch_view)" <"$WORK/count" >"$WORK/counted" || return
  tables=$(wc -l <"$WORK/counted") rows=$(awk '{ sum += $1 } END { print sum + 0 }' "$WORK/counted")
}

# restore_files FOLDER: restores the shared folder to FOLDER with the rights of the site's user. FOLDER is new, and only root can enter its parents.
restore_files() {
  chown "$USER_NAME:www-data" "$1" && chmod 0750 "$1" || return
  { store dump "$id" /site/shared 2>"$ERRORS" || printf '%s\n' "$?" >"$WORK/dump-failed"; } |
    ( cd "$1" && exec setpriv --reuid="$USER_NAME" --regid="$USER_NAME" --clear-groups --inh-caps=-all -- timeout 21600 tar --strip-components=2 --no-same-owner --preserve-permissions --delay-directory-restore -xf - 8>&- 9>&- )
  untarred=$?
  [ ! -e "$WORK/dump-failed" ] || explain_repository
  [ "$untarred" = 0 ] && [ ! -e "$WORK/dump-failed" ]
}

# count_files: prints the number of files and links in the shared folder of the backup
count_files() {
  store ls --json --recursive "$id" /site/shared >"$WORK/nodes" 2>"$ERRORS" || { explain_repository; return 1; }
  awk '/"struct_type":"node"/ && !/"type":"dir"/ { count++ } END { print count + 0 }' "$WORK/nodes"
}

# start_drill: starts a copy of the live release's instance, with the restored data mounted over the real paths
start_drill() {
  drill_units || return
  systemctl daemon-reload || return
  systemctl start "foobar-provision-drill-$DOMAIN@$release.service" && return
  journalctl --quiet --no-pager -o cat -n 8 -u "foobar-provision-drill-$DOMAIN@$release.service" >&2
  return 1
}

# drill_units: writes the units of the copied instance
drill_units() {
  base=${unit_file##*/}
  base=${base%@.service}
  copy=foobar-provision-drill-$DOMAIN
  drill_socket=/run/$copy/app@$release.sock
  # `drill-unit` copies the folders of the release that the application may write.
  mkdir -p "$DRILL/log" "$DRILL/sessions" "$DRILL/cache" "$DRILL/home" && chown "$USER_NAME:$USER_NAME" "$DRILL/log" "$DRILL/sessions" "$DRILL/home" || return
  for each in "${unit_file%/*}/$base@".service "${unit_file%/*}/$base@".socket; do
    [ -e "$each" ] || continue
    perl "${SELF%/*}/drill-unit" "$base" "$copy" "$socket" "$drill_socket" "$SITE" "$DRILL" "$release" "$USER_NAME" <"$each" >"/run/systemd/system/$copy@.${each##*.}" || return
  done
  {
    printf '\n[Service]\nPrivateNetwork=yes\nNice=10\nOOMScoreAdjust=800\nBindPaths=%s\n' "$DRILL/log:/var/log/php/$DOMAIN"
    [ -z "$DATABASE" ] || printf '%s\n' "$(scratch_view)"
  } >>"/run/systemd/system/$copy@.service"
  [ -d "/var/log/php/$DOMAIN" ] || sed -i '/:\/var\/log\/php\//d' "/run/systemd/system/$copy@.service"
  [ -z "$CACHE" ] || start_cache
}

# start_cache: starts an empty cache that replaces the site's cache in the drill
start_cache() {
  program=$(command -v valkey-server || command -v redis-server) || return
  chown "$USER_NAME:$USER_NAME" "$DRILL/cache" || return
  systemd-run --quiet --collect --unit="$copy-cache" --property=User="$USER_NAME" --property=BindPaths="$DRILL/cache:/run/valkey-$DOMAIN" --property=PrivateNetwork=yes --property=ProtectSystem=strict --property=ReadWritePaths="/run/valkey-$DOMAIN" --property=PrivateTmp=yes --property=NoNewPrivileges=yes --property=MemoryMax="${CACHE}M" -- \
    "$program" --port 0 --unixsocket "/run/valkey-$DOMAIN/valkey.sock" --unixsocketperm 770 --save '' --appendonly no --daemonize no || return
  printf 'BindPaths=%s\n' "$DRILL/cache:/run/valkey-$DOMAIN" >>"/run/systemd/system/$copy@.service"
}

# ask_drill: requests the same pages that a deploy requests from a new release
ask_drill() {
  below=
  [ "$docroot" = . ] || below=/$docroot
  # shellcheck disable=SC2046 # paths without blanks
  set -- $(printf '%s' "$paths")
  perl /usr/local/lib/foobar-provision/ask probe "$protocol" "$drill_socket" 30 "$scheme" "$host" "$SITE/releases/$release$below" "$SITE/current$below" "$@" >"$WORK/asked" 2>&1 && return
  {
    cat "$WORK/asked"
    # The site controls the log, so read it with the site's rights.
    ( cd "$DRILL/log" && as_user "$USER_NAME" 5 sh -c '[ ! -L error.log ] && [ -f error.log ] && tail -c 4000 error.log | tail -n 5' )
    journalctl --quiet --no-pager -o cat -n 5 -u "foobar-provision-drill-$DOMAIN@$release.service"
    printf '%s\n' "The release $release does not work with the backup $id."
  } >&2
  return 1
}

# clean_up: removes everything that a job of this site has left behind
clean_up() {
  remove_drill
  rm -rf -- "$WORK"
}

# remove_drill: stops the units of a drill and removes its files, even if the drill was killed
remove_drill() {
  systemctl stop "foobar-provision-drill-$DOMAIN@*.service" "foobar-provision-drill-$DOMAIN@*.socket" "foobar-provision-drill-$DOMAIN-*.service" 2>/dev/null
  rm -f /run/systemd/system/"foobar-provision-drill-$DOMAIN"@.*
  # This is safe: the site cannot reach this folder, and the drill's processes have ended.
  rm -rf -- "$STATE/backup-drill/$DOMAIN"
}
