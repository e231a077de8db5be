# Prints the last lines of a log, and with `follow` also those that come: HOW COUNT PATTERN. A pattern stands for the newest file that it matches. Links
# and what is no regular file are left out, because a site may have put them there.
file=$3
# shellcheck disable=SC2012,SC2086 # the names are a framework's own, and the pattern has to be expanded
case $3 in *\**) file=$(ls -td -- $3 2>/dev/null | head -n 1) ;; esac
if [ -z "$file" ] || [ -L "$file" ] || { [ -e "$file" ] && [ ! -f "$file" ]; }; then exit 0; fi
case $1 in
  follow)
    # Right after a rotation, the lines before it count too.
    if [ -f "$file.1" ] && [ ! -L "$file.1" ]; then
      missing=$(($2 - $(head -n "$2" -- "$file" 2>/dev/null | wc -l)))
      [ "$missing" -le 0 ] || tail -n "$missing" -- "$file.1" 2>/dev/null
    fi
    # It is looked at often, because an overlay file system reports no changes.
    exec tail -n "$2" -s 0.05 -F -- "$file" 2>/dev/null ;;
  # The lines before the last rotation count too.
  *) { [ -L "$file.1" ] || [ ! -f "$file.1" ] || cat -- "$file.1"; cat -- "$file"; } 2>/dev/null | tail -n "$2" ;;
esac
