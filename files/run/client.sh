# The database's client, for statements that a site controls.

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
