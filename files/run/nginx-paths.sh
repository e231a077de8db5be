# Prints what the enabled configuration of nginx writes, a line `written FOLDER` each, and what it names below people's home folders and /tmp
# (`named PATH`), links resolved and a tab between. POSIX sh; changes nothing.

# enabled PATH...: the files of the configuration, and of what it includes from elsewhere, each ended by a NUL. A link to a file is one, and no link to
# a folder is followed: the one to a docroot leads to wherever its site has made links to.
enabled() {
  find "$@" -path /etc/nginx/foobar-rules -prune -o -path '*/*-available' -prune -o -xtype f -print0 2>/dev/null
}

# directives PATH...: what is enabled there, a line each
directives() {
  enabled "$@" | xargs -0r sed -s 's/^[[:space:]]*#.*//; s/[[:space:]]#.*//' 2>/dev/null | tr '\n' ' ' | tr ';{}' '\n'
}

nginx_paths() {
  set -- /etc/nginx
  # The owner's own folders may lie elsewhere.
  for linked in /etc/nginx/*; do
    case $linked in *-available) continue ;; esac
    if [ -L "$linked" ] && [ -d "$linked" ]; then set -- "$@" "$linked/"; fi
  done
  for included in $(directives "$@" | sed -n "s,^ *include *[\"']*\(/[^ \"']*\).*,\1,p" | grep -v '^/etc/nginx/'); do
    [ ! -e "$included" ] || set -- "$@" "$included"
  done
  find "$@" -path /etc/nginx/foobar-rules -prune -o -path '*/*-available' -prune -o -type l -printf 'named %p\n' 2>/dev/null
  directives "$@" | awk '
    { sub(/^[[:space:]]+/, ""); gsub(/["\047]/, "") }
    $1 == "root" || $1 == "alias" { root = $2 }
    $1 ~ /^(error_log|access_log|pid|lock_file)$/ && $2 ~ "^/" { sub("/[^/]*$", "/", $2); print "written", $2 }
    $1 ~ /_(temp|cache)_path$/ && $2 ~ "^/" { print "written", $2 }
    $1 == "dav_methods" && $2 != "off" && root ~ "^/" { print "written", root }
    $1 !~ /^(location|rewrite|return|if|error_page|try_files|add_header)$/ {
      gsub("https?://", "")
      for (i = 1; i <= NF; i++) if (match($i, "(^|[:=])/")) { path = substr($i, RSTART); sub(/^[:=]/, "", path); print "named", path }
    }
  ' | sed 's/[$].*//'
}

# resolved KIND: the paths of this kind, in lines, with links resolved
resolved() {
  printf '%s\n' "$paths" | sed -n "s/^$1 //p" | tr '\n' '\0' | xargs -0r readlink -mz -- | tr '\0' '\n' | sort -u | sed "s/^/$1\t/"
}

paths=$(nginx_paths)
resolved written
resolved named | grep -E '^named.(/home|/root|/run/user|/tmp|/var/tmp)(/|$)'
