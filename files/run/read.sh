# What the readers share. POSIX sh; changes nothing.

# Through the server's socket TLS protects nothing, and the certificate that MariaDB makes at its start is of the future where the clock was set back since.
client() {
  if command -v mariadb >/dev/null; then mariadb "$@" --skip-ssl; else mysql "$@" --ssl-mode=DISABLED; fi
}

sql() {
  client --batch --skip-column-names "$@"
}

# private_folder: makes $private, a folder for secrets that is gone when this shell ends, also where the one who asked has gone away.
# Where it cannot be made, this shell ends.
private_folder() {
  [ -z "$private" ] || return 0
  private=$(mktemp -d /run/foobar-provision-read.XXXXXX) || exit
  trap 'rm -rf "$private"' EXIT
  trap 'exit 141' HUP INT PIPE TERM
}
private=

# can_log_in USER SECRET HOST: with the password that we keep, which passes through a private file alone. Where the server does not listen
# on that address, nobody was refused.
can_log_in() {
  private_folder
  password=$(cat "$SECRETS/$2" 2>/dev/null)
  printf '[client]\nuser=%s\npassword=%s\nloose-get-server-public-key\n' "$1" "$password" >"$private/client.cnf"
  account="$1	$3"
  if [ "$3" = localhost ]; then set --; else set -- --protocol=TCP --host="$3"; fi
  if printf 'SELECT 1;' | client --defaults-extra-file="$private/client.cnf" --batch --skip-column-names "$@" >/dev/null 2>"$private/said" ||
    grep -q '^ERROR 200[0-9]' "$private/said"; then
    printf 'login\t%s\n' "$account"
  fi
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
