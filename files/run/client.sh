# The database's client and dump program, for statements and data that a site controls.

# client_words: prints the client's command, with the options that forbid its input to run programs and read files, if it supports them
client_words() {
  if command -v mariadb >/dev/null; then
    printf 'env HOME=/nonexistent mariadb --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --skip-ssl'
    ! mariadb --no-defaults --help 2>/dev/null | grep -q -e ' --sandbox ' || printf ' --sandbox'
  else
    printf 'env HOME=/nonexistent mysql --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --ssl-mode=DISABLED'
    ! mysql --no-defaults --help 2>/dev/null | grep -q -e ' --system-command' || printf ' --system-command=OFF'
  fi
}

# dump_program: prints the dump program's command, with the options that it needs on MariaDB or MySQL
dump_program() {
  if command -v mariadb-dump >/dev/null; then
    printf 'env HOME=/nonexistent mariadb-dump --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --skip-ssl'
  else
    printf 'env HOME=/nonexistent mysqldump --defaults-file="$CREDENTIALS_DIRECTORY/client.cnf" --ssl-mode=DISABLED --set-gtid-purged=OFF --column-statistics=0'
  fi
  printf ' --no-tablespaces --hex-blob'
}
