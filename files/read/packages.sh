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
