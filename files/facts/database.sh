# Facts about an installed database server. POSIX sh; reads configuration files, and logs in as root.

# read_database_server "NAME|NAME...": prints the server's socket and the paths that it writes, which are the values of these options
read_database_server() {
  [ -e /usr/sbin/mariadbd ] || [ -e /usr/sbin/mysqld ] || return 0
  section database
  server_config=$(server_options)
  printf 'socket\t%s\n' "$(server_option socket)"
  { data_folder; printf '%s\n' "$server_config" | grep -E "^($1) " | cut -d ' ' -f 2- | tr ':;' '\n'; } | grep '^/' | sort -u | xargs -rd '\n' readlink -m -- | while IFS= read -r written; do
    if [ ! -d "$written" ]; then
      if [ "$(stat -c %U "${written%/*}/" 2>/dev/null)" = mysql ]; then written=${written%/*}; else [ -e "$written" ] || continue; fi
    fi
    printf 'path\t%s\n' "$written"
  done
  printf 'SELECT 1;' | limit='timeout 15' sql 2>&1 | sed -n 's/^\(ERROR \(1045\|1698\) .*\)/refused\t\1/p'
}
