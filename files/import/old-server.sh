# Reads an old server from which a site is imported. POSIX sh; changes nothing there.

# print_files PATTERN...: prints the first mebibyte of each regular file that matches a pattern, as a line `#file PATH BASE64` with tabs
print_files() {
  IFS=
  for pattern; do
    # shellcheck disable=SC2086 # it is a pattern
    for file in $pattern; do
      if [ -f "$file" ] && [ -r "$file" ]; then
        printf '#file\t%s\t' "$file"
        dd bs=1048576 count=1 <"$file" 2>/dev/null | base64 | tr -d '\n'
        echo
      fi
    done
  done
  unset IFS
}

# as_site USER COMMAND...: runs a command with the rights of the site's user. With root's rights, a link of the site could
# lead to anybody's files.
as_site() {
  site_user=$1
  shift
  if [ "$(id -u)" != 0 ]; then "$@"
  # That of busybox only knows a few options.
  elif setpriv --reuid=0 true 2>/dev/null; then setpriv --reuid="$(id -u "$site_user")" --regid="$(id -g "$site_user")" --init-groups --inh-caps=-all -- "$@"
  elif command -v runuser >/dev/null; then runuser -u "$site_user" -- "$@"
  else su -s /bin/sh -c "$(quote_words "$@")" "$site_user"; fi
}

# quote_words WORD...: prints the words as a command line
quote_words() {
  for word; do
    printf "'%s' " "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
  done
}

# print_site_files USER FILE...: the same as print_files for files that the site can write, read with its rights
print_site_files() {
  site_user=$1
  shift
  for file; do
    # shellcheck disable=SC2016 # the inner shell expands it
    [ -e "$file" ] || continue
    # shellcheck disable=SC2016 # the inner shell expands it
    text=$(as_site "$site_user" sh -c '[ -f "$1" ] && dd bs=1048576 count=1 <"$1" 2>/dev/null | base64 | tr -d "\\n"' sh "$file" 2>/dev/null)
    [ -z "$text" ] || printf '#file\t%s\t%s\n' "$file" "$text"
  done
}

# describe_server DOMAIN: prints what the server is, who is logged in, in which folders hosting providers keep the site, and which programs are missing
describe_server() {
  printf '#title\t%s\n' "$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release 2>/dev/null)"
  printf '#user\t%s\n' "$(id -un)"
  for folder in "$HOME/domains/$1/public_html" "$HOME/$1/public_html" "$HOME/$1" "$HOME/public_html" "$HOME/httpdocs" "$HOME/htdocs" "$HOME/www" "/var/www/$1" "/var/www/vhosts/$1/httpdocs"; do
    [ ! -d "$folder" ] || printf '#folder\t%s\n' "$folder"
  done
  for command in tar find xargs sha256sum base64 dd stat readlink tr sed; do command -v "$command" >/dev/null || printf '#missing\t%s\n' "$command"; done
  for command in find tar; do is_gnu "$command" || printf '#missing\t%s\n' "GNU $command"; done
  [ "$(id -u)" != 0 ] || setpriv --reuid=0 true 2>/dev/null || command -v runuser >/dev/null || command -v su >/dev/null || printf '#missing\tsetpriv, runuser or su\n'
}

# is_gnu COMMAND: succeeds if the command is GNU's, and not busybox's
is_gnu() {
  "$1" --version 2>/dev/null | grep -q '(GNU'
}

# describe_folder FOLDER: prints its real path, its owner, the web server's user, and which files of an application are in the folder above it
describe_folder() {
  real=$(readlink -f "$1")
  printf '#real\t%s\n' "$real"
  printf '#owner\t%s\n' "$(stat -c %U "$real" 2>/dev/null)"
  for user in www-data apache nginx nobody; do
    if id "$user" >/dev/null 2>&1; then printf '#web\t%s\n' "$user"; break; fi
  done
  for name in composer.json artisan .env .git package.json bin/console symfony.lock craft please yii spark; do
    [ ! -e "${real%/*}/$name" ] || printf '#above\t%s\n' "$name"
  done
}

# php_modules VERSION: prints the version and the extensions of PHP
php_modules() {
  plain=$(printf %s "$1" | tr -d .)
  for php in "php$1" "php$plain" "/opt/remi/php$plain/root/usr/bin/php" "/opt/cpanel/ea-php$plain/root/usr/bin/php" "/opt/plesk/php/$1/bin/php" php; do
    if command -v "$php" >/dev/null; then
      printf '#php\t%s\n' "$("$php" -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;' 2>/dev/null)"
      "$php" -m 2>/dev/null
      return
    fi
  done
}

# print_crontab USER: prints the user's crontab, which may be missing
print_crontab() {
  if [ "$(id -u)" = 0 ]; then crontab -l -u "$1" 2>/dev/null; else crontab -l 2>/dev/null; fi
  :
}

# list_files USER ROOT FOLDER...: prints every file below the folders, as `type size seconds mode`, its path and its target, each ended by a NUL byte. A folder
# may be a link.
list_files() {
  site_user=$1 root=$2
  shift 2
  cd "$root" || return
  as_site "$site_user" find -H "$@" -printf '%y %s %T@ %m\0%p\0%l\0'
}

# send_files USER ROOT: prints a tar archive of the files whose names are on standard input, each ended by a NUL byte
send_files() {
  cd "$2" || return
  as_site "$1" tar --create --file=- --format=gnu --dereference --no-recursion --ignore-failed-read --null --files-from=-
}

# hash_files USER ROOT: prints the SHA-256 of the files whose names are on standard input, as GNU's sha256sum prints it
hash_files() {
  cd "$2" || return
  as_site "$1" xargs -0 -r sha256sum -- 2>/dev/null
}

# database PROGRAM... -- ARGUMENT...: runs the first program that is installed, with the options in $database_options. They arrive by a
# descriptor, so no list of processes shows them
database() {
  client=
  while [ "$1" != -- ]; do
    [ -n "$client" ] || ! command -v "$1" >/dev/null || client=$1
    shift
  done
  shift
  [ -n "$client" ] || { printf '%s\n' 'There is no client of MySQL or MariaDB.' >&2; return 127; }
  exec 4<&0
  # shellcheck disable=SC2154 # the caller sets it
  printf '%s\n' "$database_options" | { exec 3<&0 <&4 4<&-; exec "$client" --defaults-file=/dev/fd/3 "$@"; }
}

# query_database NAME: runs the statements on standard input
query_database() {
  database mariadb mysql -- --batch --skip-column-names --default-character-set=utf8mb4 "$1"
}

# dump_database NAME: prints the database as statements, as it is at one moment
dump_database() {
  database mariadb-dump mysqldump -- --single-transaction --quick --routines --events --triggers --hex-blob --no-tablespaces --skip-lock-tables \
    --default-character-set=utf8mb4 "$1"
}
