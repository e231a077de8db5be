# Maintenance of a site: a file for nginx that says who is served, and one with the rule that answers everybody else.

# name_maintenance DOMAIN: sets the variables with the two files
name_maintenance() {
  visitors=/etc/nginx/conf.d/foobar-maintenance-$1.conf
  rules=/etc/nginx/site.d/$1/00-foobar-maintenance.conf
}

# begin_maintenance DOMAIN VISITORS RULES: writes these files and reloads nginx. If nginx refuses them, it is as before.
begin_maintenance() {
  name_maintenance "$1"
  was_visitors=$(cat "$visitors" 2>/dev/null) was_rules=$(cat "$rules" 2>/dev/null)
  if [ ! -d "${rules%/*}" ]; then exit 4; fi
  # The rule refers to the other file.
  if printf '%s\n' "$2" | write_record "${visitors%/*}" "${visitors##*/}" && printf '%s\n' "$3" | write_record "${rules%/*}" "${rules##*/}" && reload_nginx; then return; fi
  if [ -n "$was_rules" ]; then
    printf '%s\n' "$was_visitors" | write_record "${visitors%/*}" "${visitors##*/}"
    printf '%s\n' "$was_rules" | write_record "${rules%/*}" "${rules##*/}"
  else
    remove_synced "$rules"
    remove_synced "$visitors"
  fi
  exit 1
}

# end_maintenance DOMAIN: removes these files and reloads nginx
end_maintenance() {
  name_maintenance "$1"
  remove_synced "$rules" && remove_synced "$visitors" && reload_nginx
}
