# What packages have brought.

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

# missing_of KNOWN NAME...: those of which KNOWN, lines of what is known, says neither that they are installed nor that they are provided
missing_of() {
  lines=$1
  shift
  for name; do case "
$lines" in *"
$name	installed	"* | *"
$name	provided	"*) ;; *) printf '%s ' "$name" ;; esac; done
}

# provided_of NAME...: of the names that are no installed package's own, those that an installed one provides, with that one
provided_of() {
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2016 # they are the fields' names
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null | awk -v names="$*" '
    BEGIN { count = split(names, name, " "); for (i = 1; i <= count; i++) wanted[name[i]] }
    $1 == "installed" { for (i = 3; i <= NF; i++) { sub(/,$/, "", $i); if ($i in wanted) { print $i "\tprovided\t" $2; delete wanted[$i] } } }'
}
