# What the readers share. POSIX sh; changes nothing.

# What a site has locked is not waited for without end.
limit='timeout 60'

# private_folder: makes $private, a folder for secrets that is gone when this shell ends, also where the one who asked has gone away.
# Where it cannot be made, this shell ends. It has the number of its shell in its name: see `leftovers`.
private_folder() {
  [ -z "$private" ] || return 0
  private=$(mktemp -d "/run/foobar-provision-read.$$.XXXXXX") || exit
  trap 'rm -rf "$private"' EXIT
  trap 'exit 141' HUP INT PIPE TERM
}
private=

# sql_as USER SECRET WORD...: statements on standard input, by the application's user alone. The password that we keep passes through a private
# file, and nothing of root's own settings counts.
sql_as() {
  private_folder
  password=$(cat "$SECRETS/$2" 2>/dev/null)
  { client_file "$1" "$password"; echo loose-get-server-public-key; } >"$private/client.cnf"
  shift 2
  client --defaults-file="$private/client.cnf" --batch --skip-column-names "$@"
}

# can_log_in USER SECRET HOST: with the password that we keep. Where the server does not listen on that address, nobody was refused.
can_log_in() {
  private_folder
  user=$1 secret=$2 host=$3
  if [ "$host" = localhost ]; then set --; else set -- --protocol=TCP --host="$host"; fi
  if printf 'SELECT 1;' | sql_as "$user" "$secret" "$@" >/dev/null 2>"$private/said" || grep -q '^ERROR 200[0-9]' "$private/said"; then
    printf 'login\t%s\t%s\n' "$user" "$host"
  fi
}

# read_migrations DATABASE USER SECRET: the names that are recorded; `down` where the server does not tell. A view of this name runs what the site
# wrote with the rights of whoever reads it. So it is read by the site's own user, and where that cannot log in by HANDLER, which opens tables alone.
read_migrations() {
  private_folder
  printf '%s\n' 'SELECT LEFT(name, 190) FROM foobar_migrations WHERE EXISTS (SELECT 1 FROM information_schema.tables' \
    "WHERE table_schema = DATABASE() AND table_name = 'foobar_migrations' AND table_type = 'BASE TABLE') ORDER BY name LIMIT 10000;" |
    limit='timeout 15' sql_as "$2" "$3" "$1" 2>/dev/null && return
  [ $? != 124 ] || { printf 'down\t\n'; return; }
  printf 'HANDLER `%s`.foobar_migrations OPEN AS recorded; HANDLER recorded READ FIRST LIMIT 10000;' "$1" | { limit='timeout 15' sql 2>/dev/null; echo $? >"$private/code"; } | head -c 10000000 >"$private/recorded"
  case $(cat "$private/code") in
    0) cut -f 1 "$private/recorded" ;;
    124) printf 'down\t\n' ;;
    *) [ ! -d "$(data_folder)/$1" ] || printf 'SELECT 1;' | sql >/dev/null 2>&1 || printf 'down\t\n' ;;
  esac
}

# mask FOLDER "SECRET..." FILE...: copies of the files, numbered, with each secret turned back into its place
mask() {
  folder=$1 names=$2
  shift 2
  awk -v folder="$folder" -v names="$names" -v secrets="$SECRETS" '
    BEGIN {
      count = split(names, name, " ")
      for (i = 1; i <= count; i++) {
        if ((getline value[i] < (secrets "/" name[i])) <= 0) value[i] = ""
        mark[i] = "{{secret:" name[i] "}}"
      }
      for (file = 1; file < ARGC; file++) {
        while ((getline line < ARGV[file]) > 0) {
          for (i = 1; i <= count; i++) {
            if (value[i] == "") continue
            done = ""
            while ((at = index(line, value[i])) > 0) {
              done = done substr(line, 1, at - 1) mark[i]
              line = substr(line, at + length(value[i]))
            }
            line = done line
          }
          print line > (folder "/" file)
        }
      }
    }
  ' "$@"
}

# fill_in FOLDER "SECRET..."...: the texts FOLDER/1, FOLDER/2, … with the secrets of each in their places, as FOLDER/1.filled, …;
# none where a secret is not there
fill_in() {
  LC_ALL=C awk -v secrets="$SECRETS" '
    BEGIN {
      for (text = 1; text < ARGC - 1; text++) {
        count = split(ARGV[text + 1], name, " ")
        whole = 1
        for (i = 1; i <= count; i++) {
          if ((getline value[i] < (secrets "/" name[i])) <= 0) whole = 0
          close(secrets "/" name[i])
          mark[i] = "{{secret:" name[i] "}}"
        }
        from = ARGV[1] "/" text
        while (whole && (getline line < from) > 0) {
          for (i = 1; i <= count; i++) {
            done = ""
            while ((at = index(line, mark[i])) > 0) {
              done = done substr(line, 1, at - 1) value[i]
              line = substr(line, at + length(mark[i]))
            }
            line = done line
          }
          print line > (from ".filled")
        }
        close(from)
        close(from ".filled")
      }
    }
  ' "$@"
}

# is_set_up PACKAGE: whether it has brought and started all that it does. As a run that was cut off leaves it, unpacked, it does so yet.
is_set_up() {
  [ -e "/var/lib/dpkg/info/$1.list" ] && [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# read_bringer UNIT PACKAGE STATE: of the package that brings a unit, whether it is to be set up yet, and whether it was there before us
read_bringer() {
  [ -e "/var/lib/dpkg/info/$2.list" ] || return 0
  is_set_up "$2" || printf '\ncoming\t%s\n' "$1"
  grep -qxF "$2" "$3/brought" 2>/dev/null || { [ -e "$3/there" ] && ! grep -qxF "$2" "$3/there"; } || printf '\ntheirs\t%s\n' "$1"
}

# read_release PATH RECORDS LIVE: whether it is there, and how the files of it, or of the one that is live, are now
read_release() {
  if [ -d "$1" ]; then
    printf 'there\t%s\n' "$1"
    known=$1
  else
    known=$(readlink -e -- "$3") || return 0
  fi
  [ -e "$2/${known##*/}/stat" ] || return 0
  printf 'known\t%s\t%s\t%s\n' "$1" "$known" "$2/${known##*/}"
  releases check "$known" "$2/${known##*/}"
}
