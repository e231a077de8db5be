# Sets the limits of connections of the running server as its configuration says. If it cannot, restarts the server, which has them then.
( limits=$({{daemon}} --print-defaults | tr ' ' '\n' | awk -F = '
    { gsub("-", "_", $1) }
    $1 ~ /^__max_(user_)?connections$/ { limit[substr($1, 3)] = $2 }
    END { for (name in limit) print "SET GLOBAL " name " = " limit[name] ";" }')
  [ -n "$limits" ] && printf '%s\n' "$limits" | {{client}} --no-defaults {{tls}} --user=root --protocol=SOCKET --socket={{socket}} ) ||
  systemctl try-restart {{unit}}
