# Restores a site on this host. The restored data is first written beside the site, which serves requests until the data is complete and tested.

# restore_site ID: backs up the current state, runs a drill on the backup ID, and then switches the site to it
restore_site() {
  take_run_lock && resume_restore && find_snapshot "$1" && require_own_folder || return
  wanted=$id
  say 'backing up the current state first'
  back_up before-restore || { printf '%s\n' 'Nothing has changed on the site.' >&2; return 1; }
  before=$(grep -o '"id":"[0-9a-f]*"' "$RECORDS/$DOMAIN/made.json" | cut -d '"' -f 4)
  prove "$wanted" || { printf '%s\n' 'Nothing has changed on the site.' >&2; return 1; }
  id=$wanted
  mkdir -p "$WORK" || return
  if ! stage_restore; then
    drop_stage
    rm -rf "$WORK"
    printf '%s\n' 'Nothing has changed on the site.' >&2
    return 1
  fi
  printf '%s %s\n' "$id" "$before" | write_record "$RECORDS/$DOMAIN" restoring || return
  finish_restore
  code=$?
  rm -rf "$WORK"
  return "$code"
}

# take_run_lock: takes the lock of provisioning runs, because a restore changes the site as a run does
take_run_lock() {
  mkdir -p /run/foobar-provision-locks && exec 9>>/run/foobar-provision-locks/run || return
  flock -n 9 || { printf '%s\n' "Another run holds this host's lock: $(cat /run/foobar-provision-locks/run)" >&2; return 3; }
  printf '%s\n' 'the restore of a backup' >/run/foobar-provision-locks/run
}

# require_own_folder: fails if the shared folder or a folder in it is a mount point, because a mount point cannot be renamed
require_own_folder() {
  awk -v at="$SITE/shared" 'index($5 "/", at "/") == 1 { found = 1 } END { exit !found }' /proc/self/mountinfo || return 0
  printf '%s\n' "$SITE/shared, or a folder in it, is a mount point, and a restore has to rename the whole folder. Restore to a folder with --to, and copy from there." >&2
  return 1
}

# stage_restore: writes the shared folder and the tables beside the live ones
stage_restore() {
  STAGE=$SITE/.restore
  drop_stage
  mkdir "$STAGE" "$STAGE/shared" || return
  say 'writing the files beside those of the site'
  restore_files "$STAGE/shared" || return
  if [ -n "$DATABASE" ]; then
    say 'writing the tables beside those of the site'
    store dump "$id" /site/database/data.sql >"$STAGE/data.sql" && store dump "$id" /site/database/code.sql >"$STAGE/code.sql" || return
    # The site's account has rights on these two databases until the restore has ended.
    for each in restore before; do
      printf 'CREATE DATABASE `%s__%s` CHARACTER SET utf8mb4; GRANT ALL ON `%s`.* TO `%s`@`localhost`;\n' "$DATABASE" "$each" "$(grant_pattern "${DATABASE}__$each")" "$ACCOUNT"
    done | sql || return
    load_dump "${DATABASE}__restore" <"$STAGE/data.sql" || return
    printf 'CREATE TABLE `%s__restore`.`foobar_restore` (id INT) ENGINE=InnoDB;\n' "$DATABASE" | sql || return
    # Save the current views, routines, triggers and events, to roll back if the restore fails. The tables do not need this dump.
    mkdir "$STAGE/now" && dump_database "$STAGE/now" && rm -f "$STAGE/data.sql" "$STAGE/now/data.sql" || return
  fi
  sync -f "$STAGE" && sync -- "$SITE"
}

# grant_pattern DATABASE: prints the name for GRANT, with underscores escaped, because an underscore there matches any character
grant_pattern() {
  printf '%s' "$1" | sed 's/_/\\_/g'
}

# drop_stage: removes the files and databases that a restore has written beside the site
drop_stage() {
  STAGE=$SITE/.restore
  rm -rf -- "$STAGE"
  [ -n "$DATABASE" ] || return 0
  for each in restore before; do
    [ "$(printf "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '%s__%s';" "$DATABASE" "$each" | sql)" != 0 ] || continue
    printf 'DROP DATABASE `%s__%s`; REVOKE ALL ON `%s`.* FROM `%s`@`localhost`;\n' "$DATABASE" "$each" "$(grant_pattern "${DATABASE}__$each")" "$ACCOUNT" | sql
  done
}

# resume_restore: finishes a restore that was interrupted after its switch had begun, or removes what one that was interrupted earlier has left behind
resume_restore() {
  STAGE=$SITE/.restore
  if [ ! -s "$RECORDS/$DOMAIN/restoring" ]; then
    [ ! -d "$STAGE" ] || drop_stage
    return 0
  fi
  read -r id before <"$RECORDS/$DOMAIN/restoring"
  say "finishing the restore of $id, which was interrupted"
  mkdir -p "$WORK" && finish_restore
  code=$?
  rm -rf "$WORK"
  return "$code"
}
