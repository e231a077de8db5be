# The names of time zones in the database server.

# load_time_zones: loads them without writing to the binary log, because replicas have their own
load_time_zones() {
  if command -v mariadb-tzinfo-to-sql >/dev/null; then set -- mariadb-tzinfo-to-sql; else set -- mysql_tzinfo_to_sql; fi
  # Its warnings name the files that are not time zones.
  { printf 'USE mysql;\nSET SESSION sql_log_bin = 0;\n' && "$@" /usr/share/zoneinfo 2>/dev/null; } | sql || return
  [ "$(printf 'SELECT COUNT(*) FROM mysql.time_zone_name;' | sql)" -gt 0 ] || { echo "$1 found no time zones in /usr/share/zoneinfo."; return 1; }
  zoneinfo_version | write_record "$STATE" time-zones
}
