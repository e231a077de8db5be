( said=$({{daemon}} --user=mysql --help --verbose) || exit
printf '%s\n' "$said" | while read -r name path; do
  case $name in
    datadir | tmpdir | innodb-data-home-dir | innodb-log-group-home-dir | innodb-undo-directory | aria-log-dir-path) ;;
    socket | pid-file | log-error | log-bin | log-bin-index) path=${path%/*} ;;
    *) continue ;;
  esac
  case $path in /*) ;; *) continue ;; esac
  [ ! -d "$path" ] || [ -w "$path" ] || { echo "The server is configured to write to $path ($name), but its unit does not allow that. Add ReadWritePaths=$path to the unit (systemctl edit)."; exit 1; }
done )
