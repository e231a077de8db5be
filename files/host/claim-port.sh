#!/bin/sh
# Keeps programs of other sites from the TCP port of a site's program: besides its own user, only Nginx and root may connect to it, and only root may
# answer there. The firewall has the rules; a reload of it reads the claims again. Written by foobar-provision: edits here are undone by its next run.
#
#   claim-port claim UNIT USER [PORT]   claims a port; without one, a free port, which the unit's next command finds in CLAIMED_PORT
#   claim-port release UNIT
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
CLAIMS={{claims}}

case ${1:-} in
  claim)
    port=${4:-$(perl -MSocket -e 'socket S, PF_INET, SOCK_STREAM, 0 and bind S, pack_sockaddr_in(0, INADDR_LOOPBACK) and print((unpack_sockaddr_in(getsockname S))[0])')}
    user=$(id -u -- "$3") || exit
    mkdir -p "$CLAIMS"
    [ -n "${4:-}" ] || printf 'CLAIMED_PORT=%s\n' "$port" >"$CLAIMS/$2.env" || exit
    printf 'add element inet foobar_provision program_ports { %s }\nadd element inet foobar_provision program_users { %s . %s }\n' \
      "$port" "$port" "$user" >"$CLAIMS/$2.new" || exit
    mv -f "$CLAIMS/$2.new" "$CLAIMS/$2.nft" || exit
    # The table does not exist before the end of the first run.
    nft -f "$CLAIMS/$2.nft" 2>/dev/null || true
    ;;
  release)
    [ -e "$CLAIMS/$2.nft" ] || exit 0
    claim=$(cat "$CLAIMS/$2.nft")
    rm -f "$CLAIMS/$2.nft" "$CLAIMS/$2.env"
    # Several processes of a worker may share a port.
    ! grep -qsxF -e "$claim" "$CLAIMS"/*.nft || exit 0
    printf '%s\n' "$claim" | sed 's/^add/delete/' | nft -f - 2>/dev/null || true
    ;;
  *) sed -n '5,6s/^# \{0,1\}//p' "$0" >&2; exit 1 ;;
esac
