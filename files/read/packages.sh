# The packages that provide units.

# is_set_up PACKAGE: succeeds if the package is fully configured. An interrupted run may leave it only unpacked.
is_set_up() {
  [ -e "/var/lib/dpkg/info/$1.list" ] && [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# read_unit_package UNIT PACKAGE STATE: prints whether the package that provides a unit still has to be configured, and whether it is pre-existing
read_unit_package() {
  [ -e "/var/lib/dpkg/info/$2.list" ] || return 0
  is_set_up "$2" || printf '\ncoming\t%s\n' "$1"
  grep -qxF "$2" "$3/brought" 2>/dev/null || { [ -e "$3/there" ] && ! grep -qxF "$2" "$3/there"; } || printf '\ntheirs\t%s\n' "$1"
}

# missing_of KNOWN NAME...: prints the packages that are neither installed nor provided according to the lines in KNOWN
missing_of() {
  lines=$1
  shift
  for name; do case "
$lines" in *"
$name	installed	"* | *"
$name	provided	"*) ;; *) printf '%s ' "$name" ;; esac; done
}

# provided_of NAME...: prints the names that an installed package provides, with that package
provided_of() {
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2016 # they are the fields' names
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null | awk -v names="$*" '
    BEGIN { count = split(names, name, " "); for (i = 1; i <= count; i++) wanted[name[i]] }
    $1 == "installed" { for (i = 3; i <= NF; i++) { sub(/,$/, "", $i); if ($i in wanted) { print $i "\tprovided\t" $2; delete wanted[$i] } } }'
}
