# Switches a site to restored data while the site is stopped. Each step checks whether it was already done, so that the switch can continue after a
# power failure.

finish_restore() {
  say 'switching the site to the restored data'
  read_live && stop_site || return
  if switch_data restore before "$STAGE/code.sql" && switch_folder shared before && start_site && ask_site; then
    end_restore && say "the backup $id is live; the previous state is in the backup $before"
    return
  fi
  printf '%s\n' 'The restored data could not be made live. Rolling the site back to its previous data.' >&2
  stop_site
  # Roll back: make `before` live again.
  if switch_data before restore "$STAGE/now/code.sql" && switch_folder before shared && start_site; then end_restore; else
    printf '%s\n' "The site could not be rolled back. Its previous tables are in ${DATABASE}__before, and its previous files in $STAGE/before. The backup $before has both." >&2
    start_site
  fi
  return 1
}

end_restore() {
  remove_synced "$RECORDS/$DOMAIN/restoring" && drop_stage
}

# site_units: prints the units of the site that may write data: the application's unit and socket, workers and timers
site_units() {
  [ -z "$unit" ] || printf '%s\n' "$unit"
  [ -z "$unit" ] || [ ! -e "${unit_file%.service}.socket" ] || printf '%s\n' "${unit%.service}.socket"
  for each in $UNITS; do printf '%s\n' "$each"; done
}

# stop_site: stops all units of the site that may write data. Waits up to a minute for each running scheduled command to stop.
stop_site() {
  # shellcheck disable=SC2046 # names of units are words
  set -- $(site_units)
  [ "$#" = 0 ] || systemctl stop "$@"
  for each in $UNITS; do
    case $each in *.timer) timeout 60 systemctl stop "${each%.timer}.service" ;; esac
  done
}

start_site() {
  # shellcheck disable=SC2046
  set -- $(site_units)
  [ "$#" = 0 ] || systemctl start "$@"
}

# ask_site: requests the same pages that a deploy requests from a new release
ask_site() {
  [ -n "$socket" ] || return 0
  below=
  [ "$docroot" = . ] || below=/$docroot
  # shellcheck disable=SC2046 # paths without blanks
  set -- $(printf '%s' "$paths")
  perl /usr/local/lib/foobar-provision/ask probe "$protocol" "$socket" 30 "$scheme" "$host" "$SITE/releases/$release$below" "$SITE/current$below" "$@" >&2
}

# switch_data FROM ASIDE CODE: moves the live tables to DATABASE__ASIDE and makes the tables of DATABASE__FROM live, in one statement. The marker
# table foobar_restore is in DATABASE__FROM until that is done. CODE is the file with the views, routines, triggers and events.
switch_data() {
  [ -n "$DATABASE" ] || return 0
  if has_table "${DATABASE}__$1" foobar_restore; then
    drop_code || return
    {
      printf 'SET SESSION lock_wait_timeout = 60, foreign_key_checks = 0;\nRENAME TABLE '
      table_names "$DATABASE" | while IFS= read -r each; do printf '%s.%s TO %s.%s, ' "\`$DATABASE\`" "$each" "\`${DATABASE}__$2\`" "$each"; done
      table_names "${DATABASE}__$1" | grep -vxF '`foobar_restore`' | while IFS= read -r each; do printf '%s.%s TO %s.%s, ' "\`${DATABASE}__$1\`" "$each" "\`$DATABASE\`" "$each"; done
      printf '%s.foobar_restore TO %s.foobar_restore;\n' "\`${DATABASE}__$1\`" "\`${DATABASE}__$2\`"
    } >"$WORK/rename.sql"
    with_client "exec $(client_words) $DATABASE" <"$WORK/rename.sql" || return
  fi
  drop_code && load_code "$DATABASE" "$3"
}

has_table() {
  [ "$(printf "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '%s' AND table_name = '%s';" "$1" "$2" | sql)" = 1 ]
}

# table_names DATABASE: prints the quoted names of the tables in a database that the site's account can see
table_names() {
  printf "SELECT CONCAT('\`', REPLACE(table_name, '\`', '\`\`'), '\`') FROM information_schema.tables WHERE table_schema = '%s' AND table_type <> 'VIEW' ORDER BY table_name;" "$1" |
    with_client "exec $(client_words) --batch --skip-column-names"
}

# drop_code: drops the site's views, routines, triggers and events
drop_code() {
  with_client "exec $(client_words) --batch --skip-column-names $DATABASE" >"$WORK/drop.sql" <<'SQL' || return
SELECT CONCAT('DROP VIEW IF EXISTS `', REPLACE(table_name, '`', '``'), '`;') FROM information_schema.views WHERE table_schema = DATABASE();
SELECT CONCAT('DROP TRIGGER IF EXISTS `', REPLACE(trigger_name, '`', '``'), '`;') FROM information_schema.triggers WHERE trigger_schema = DATABASE();
SELECT CONCAT('DROP ', routine_type, ' IF EXISTS `', REPLACE(routine_name, '`', '``'), '`;') FROM information_schema.routines WHERE routine_schema = DATABASE();
SELECT CONCAT('DROP EVENT IF EXISTS `', REPLACE(event_name, '`', '``'), '`;') FROM information_schema.events WHERE event_schema = DATABASE();
SQL
  with_client "exec $(client_words) $DATABASE" <"$WORK/drop.sql"
}

# switch_folder FROM ASIDE: moves the live shared folder to $STAGE/ASIDE and makes $STAGE/FROM live. `shared` is the restored folder, and `before` the
# one that was live.
switch_folder() {
  if [ -d "$STAGE/$1" ] && [ ! -d "$STAGE/$2" ]; then rename_synced "$SITE/shared" "$STAGE/$2" || return; fi
  if [ -d "$STAGE/$1" ] && [ ! -d "$SITE/shared" ]; then rename_synced "$STAGE/$1" "$SITE/shared" || return; fi
}
