# Replaces a site's database. The dump is loaded into a new database, by an account that has rights on nothing else. Then the tables of both databases
# are exchanged in one statement, so that the site keeps its old data until the new data is complete. TOKEN identifies an attempt.

# replacement_names DATABASE TOKEN: sets $new, the new database; $old, the database that receives the old tables; and $loader, the account
replacement_names() {
  new=$1__new_$2 old=$1__old_$2 loader=foobar_$2
}

# claim_database DOMAIN: takes the lock of a site's database, on descriptor 7
claim_database() {
  ( umask 077 && mkdir -p /run/foobar-provision-locks && true >>"/run/foobar-provision-locks/database-$1" ) || return
  exec 7>>"/run/foobar-provision-locks/database-$1"
  flock -n 7 || { printf '%s\n' "Another command is replacing the database of $1." >&2; return 75; }
}

# begin_replacement DOMAIN DATABASE TOKEN USER SECRET OWNER: completes an interrupted attempt if its tables are already
# live, or else removes what it has left behind. Then creates the new database and its account.
begin_replacement() {
  claim_database "$1" && finish_replacement "$@" || return
  replacement_names "$2" "$3"
  charset=$(printf "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = '%s';" "$2" | sql) || return
  # shellcheck disable=SC2086 # they are two words
  set -- $charset "$3"
  [ "$#" = 3 ] || { printf '%s\n' 'The site has no database yet. Provision it first.' >&2; return 1; }
  loading=/run/foobar-provision-replacement.$3
  ( umask 077 && LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 32 >"$loading" )
  printf "CREATE DATABASE \`%s\` CHARACTER SET %s COLLATE %s; CREATE USER '%s'@localhost IDENTIFIED BY '%s'; GRANT ALL ON \`%s\`.* TO '%s'@localhost;" \
    "$new" "$1" "$2" "$loader" "$(cat "$loading")" "$(pattern_of "$new")" "$loader" | sql
}

# pattern_of DATABASE: prints the name for GRANT, with underscores escaped, because an underscore there matches any character
pattern_of() {
  printf %s "$1" | sed 's/_/\\_/g'
}

# load_replacement DATABASE TOKEN OWNER FORMAT: loads the dump on standard input. Prints `#note TEXT` for each kind of change to it.
load_replacement() {
  replacement_names "$1" "$2"
  owner=$3 format=$4 loading=/run/foobar-provision-replacement.$2
  work=$(mktemp -d /run/foobar-provision-dump.XXXXXX) || return
  # This limits only the client. The server has its own limit.
  words="exec $(client_words) --max-allowed-packet=1G --init-command='SET foreign_key_checks = 0, unique_checks = 0' --batch --skip-column-names $new"
  {
    unpacked "$owner" "$format" 2>"$work/unpacked.errors"
    echo $? >"$work/unpacked"
  } | {
    export DUMP_MUST_END=1
    adapted_dump /dev/stdin 2>"$work/notes"
    echo $? >"$work/adapted"
  } | as_login "$loader" "$(cat "$loading")" "$owner" "$words"
  code=$?
  read -r unpacked_code <"$work/unpacked"
  read -r adapted_code <"$work/adapted"
  if [ "$code" = 0 ] && [ "$unpacked_code" != 0 ]; then cat "$work/unpacked.errors" >&2; code=65; fi
  if [ "$code" = 0 ] && [ "$adapted_code" != 0 ]; then cat "$work/notes" >&2; code=66; fi
  sed 's/^/#note	/' "$work/notes"
  rm -rf "$work"
  return "$code"
}

# unpacked OWNER FORMAT: decompresses standard input. The program that reads it has only the rights of the site's user.
unpacked() {
  case $2 in
    gz) set -- "$1" gzip ;;
    zst) set -- "$1" zstd ;;
    bz2) set -- "$1" bzip2 ;;
    xz) set -- "$1" xz ;;
    *) cat; return ;;
  esac
  setpriv --reuid="$1" --regid="$1" --clear-groups --inh-caps=-all --no-new-privs -- "$2" -dc
}

# database_objects DATABASE WORD: prints `WORD KIND HEXNAME` for each table, view, trigger, routine and event
database_objects() {
  printf "SELECT '%s', IF(table_type LIKE '%%VIEW', 'VIEW', 'TABLE'), HEX(table_name) FROM information_schema.tables WHERE table_schema = '%s';" "$2" "$1"
  printf "SELECT '%s', 'TRIGGER', HEX(trigger_name) FROM information_schema.triggers WHERE trigger_schema = '%s';" "$2" "$1"
  printf "SELECT '%s', routine_type, HEX(routine_name) FROM information_schema.routines WHERE routine_schema = '%s';" "$2" "$1"
  printf "SELECT '%s', 'EVENT', HEX(event_name) FROM information_schema.events WHERE event_schema = '%s';" "$2" "$1"
}

# count_objects DATABASE KIND: prints the number of objects of one kind
count_objects() {
  database_objects "$1" it | sql | awk -F '\t' -v kind="$2" '$2 == kind { n++ } END { print n + 0 }'
}

# exchange_tables FROM TO ASIDE: moves the tables of TO to ASIDE and those of FROM to TO, in one statement. A table with triggers cannot be moved, so
# the triggers of both are dropped first. Views, routines and events cannot be moved at all, so those of TO are dropped afterwards.
exchange_tables() {
  { database_objects "$1" from; database_objects "$2" to; } | sql | perl -e '
    my ($from, $to, $aside) = map { "`$_`" } @ARGV;
    my (@first, @moves, @more, @last);
    while (<STDIN>) {
      chomp;
      my ($where, $kind, $hex) = split /\t/;
      my $name = pack "H*", $hex;
      die "A name in the database contains a control character.\n" if $name =~ /[\x00-\x1f\x7f]/;
      $name =~ s/`/``/g;
      $name = "`$name`";
      if ($kind eq "TABLE" && $where eq "to") { push @moves, "$to.$name TO $aside.$name" }
      elsif ($kind eq "TABLE") { push @more, "$from.$name TO $to.$name" }
      elsif ($kind eq "TRIGGER") { push @first, "DROP TRIGGER " . ($where eq "to" ? $to : $from) . ".$name;\n" }
      elsif ($where eq "to" && $kind =~ /^(?:VIEW|PROCEDURE|FUNCTION|PACKAGE|EVENT)$/) { push @last, "DROP $kind $to.$name;\n" }
    }
    print "SET foreign_key_checks = 0;\n", @first;
    print "RENAME TABLE ", join(", ", @moves, @more), ";\n" if @moves || @more;
    print @last;
  ' "$1" "$2" "$3" >"$saved/statements" || return
  sql <"$saved/statements"
}

# save_objects USER PASSWORD OWNER DATABASE FILE: writes the statements that create the views, routines and events to FILE.objects, and those that
# create the triggers to FILE.triggers
save_objects() {
  dump_only="exec $(dump_words) --no-data --skip-comments"
  kinds=$(database_objects "$4" it | sql | cut -f 2 | sort -u | tr '\n' ' ') || return
  true >"$5.triggers" && true >"$5.objects" || return
  case $kinds in *TRIGGER*) as_login "$1" "$2" "$3" "$dump_only --no-create-info --triggers --add-drop-trigger --skip-routines --skip-events $4" >"$5.triggers" || return ;; esac
  case $kinds in *EVENT* | *FUNCTION* | *PACKAGE* | *PROCEDURE*) as_login "$1" "$2" "$3" "$dump_only --no-create-info --skip-triggers --routines --events $4" >"$5.objects" || return ;; esac
  case $kinds in *VIEW*) as_login "$1" "$2" "$3" "exec $(dump_words) --no-data --skip-triggers --comments $4" | only_views >>"$5.objects" || return ;; esac
  for each in triggers objects; do adapted_dump "$5.$each" >"$5.$each.own" 2>/dev/null && mv -f -- "$5.$each.own" "$5.$each" || return; done
}

# only_views: prints only the statements of a dump that create views. They begin with placeholders, because views may refer to one another.
only_views() {
  awk '/^-- (Table|Sequence) structure/ { skips = 1 } /^-- (Temporary (table|view) structure|Final view structure)/ { skips = 0 } !skips'
}

# create_objects USER SECRET DATABASE OWNER FILE: creates the objects that `save_objects` has written, in the site's database and with its own rights
create_objects() {
  [ -s "$5.triggers" ] || [ -s "$5.objects" ] || return 0
  cat -- "$5.triggers" "$5.objects" | as_account "$1" "$2" "$3" "$4"
}

# create_triggers USER SECRET DATABASE OWNER FILE: creates only the triggers
create_triggers() {
  [ ! -s "$5.triggers" ] || as_account "$1" "$2" "$3" "$4" <"$5.triggers"
}

# complete_replacement DOMAIN DATABASE TOKEN USER SECRET OWNER: makes the new data live. If that fails, rolls the site back to
# its old data.
complete_replacement() {
  claim_database "$1" || return
  replacement_names "$2" "$3"
  saved=$STATE/databases/$1/replacement
  [ "$(count_objects "$new" TABLE)" != 0 ] || { echo 'The dump has no tables.' >&2; return 67; }
  ( umask 077 && rm -rf "$saved" && folder_synced "$saved" &&
    save_objects "$loader" "$(cat "/run/foobar-provision-replacement.$3")" "$6" "$new" "$saved/new" &&
    save_objects "$4" "$(cat "$SECRETS/$5")" "$6" "$2" "$saved/old" &&
    printf '%s\n' "$3" >"$saved/token" ) && sync_tree "$saved" || return
  # shellcheck disable=SC2016 # they are the quotes of SQL
  printf 'CREATE DATABASE `%s`;' "$old" | sql || return
  mv -f -- "$saved/token" "$saved/begun" && sync -- "$saved" || return
  if exchange_tables "$new" "$2" "$old" && create_objects "$4" "$5" "$2" "$6" "$saved/new"; then
    remove_replacement "$1" "$2" "$3"
    return
  fi
  if [ "$(count_objects "$new" TABLE)" = 0 ]; then
    exchange_tables "$old" "$2" "$new" && create_objects "$4" "$5" "$2" "$6" "$saved/old" || return
  else
    create_triggers "$4" "$5" "$2" "$6" "$saved/old" || return
  fi
  remove_replacement "$1" "$2" "$3"
  return 68
}

# remove_replacement DOMAIN DATABASE TOKEN: removes the two temporary databases and the account of an attempt
remove_replacement() {
  replacement_names "$2" "$3"
  printf "DROP USER IF EXISTS '%s'@localhost; DROP DATABASE IF EXISTS \`%s\`; DROP DATABASE IF EXISTS \`%s\`;" "$loader" "$new" "$old" | sql || return
  rm -rf -- "/run/foobar-provision-replacement.$3" "$STATE/databases/$1/replacement"
}

# resume_replacement DOMAIN DATABASE USER SECRET OWNER: finishes an interrupted attempt as `finish_replacement` does. Prints whether the new or the old
# tables are live.
resume_replacement() {
  claim_database "$1" || return
  live=old
  if read -r begun 2>/dev/null <"$STATE/databases/$1/replacement/begun"; then
    replacement_names "$2" "$begun"
    tables=$(count_objects "$new" TABLE) || return
    [ "$tables" != 0 ] || live=new
  fi
  finish_replacement "$1" "$2" none "$3" "$4" "$5" || return
  echo "$live"
}

# finish_replacement DOMAIN DATABASE TOKEN USER SECRET OWNER: completes an attempt that was interrupted after its tables were
# live, or restores the triggers if they were not. Then removes all attempts.
finish_replacement() {
  saved=$STATE/databases/$1/replacement
  if read -r begun 2>/dev/null <"$saved/begun"; then
    replacement_names "$2" "$begun"
    if [ "$(count_objects "$new" TABLE)" = 0 ]; then create_objects "$4" "$5" "$2" "$6" "$saved/new" || return
    else create_triggers "$4" "$5" "$2" "$6" "$saved/old" || return; fi
    remove_replacement "$1" "$2" "$begun" || return
  fi
  printf "SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP '^%s__(new|old)_[0-9a-f]{8}\$';" "$2" | sql |
    sed 's/.*_//' | sort -u | while read -r left; do remove_replacement "$1" "$2" "$left"; done
}

# load_snapshot DOMAIN ID DATABASE TOKEN OWNER: loads a snapshot into the new database of a replacement
load_snapshot() {
  [ -f "$STATE/databases/$1/$2.sql.gz" ] || { printf '%s\n' "There is no snapshot $2 of $1." >&2; return 69; }
  load_replacement "$3" "$4" "$5" gz <"$STATE/databases/$1/$2.sql.gz"
}
