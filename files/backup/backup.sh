#!/bin/sh
# Backups of this host's sites. Written by foobar-provision: edits here are undone by its next run.
#
#   backup NAME nightly   backs up every site, removes old backups, and runs a drill on the last backup if one is due
#   backup NAME resume    finishes restores that were interrupted
#   backup NAME clean     removes what a killed job has left behind
#   backup NAME list      prints the backups in restic's JSON
#   backup NAME extract DOMAIN ID
#                         prints a backup as a tar archive
#   backup NAME job       runs the job in the file `arguments` of $RUNNING, and writes its output to the file `output` there
#
# NAME is the name of the configuration.
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
umask 077
SELF=$0 NAME=$1 JOB=$2
shift 2
STATE=/var/lib/foobar-provision
SECRETS=/etc/foobar-provision/secrets
SETTINGS=/etc/foobar-provision/backups/$NAME
RECORDS=$STATE/backups
RUNNING=/run/foobar-provision-backups/$NAME

{{durable}}

{{database}}

{{client}}

{{adapt}}

{{user}}

{{confined}}

{{report}}

{{repository}}

{{dump}}

{{snapshot}}

{{live}}

{{scratch}}

{{drill}}

{{restore}}

{{switch}}

# site DOMAIN: loads the settings of a site
site() {
  DOMAIN=$1 USER_NAME='' DATABASE='' ACCOUNT='' UNITS='' CACHE=''
  [ -r "$SETTINGS/$DOMAIN.site" ] || { printf '%s\n' "$DOMAIN has no backups: run foobar-provision to set them up." >&2; return 1; }
  # shellcheck source=/dev/null # written by foobar-provision
  . "$SETTINGS/$DOMAIN.site"
  SITE=/srv/www/$DOMAIN WORK=$STATE/backup-work/$DOMAIN
}

# each_site COMMAND [ARGUMENT]...: runs a command for every site, even after it has failed for one
each_site() {
  failed=0
  for domain in $SITES; do ( site "$domain" && "$@" ) || failed=1; done
  return "$failed"
}

# job NAME [ARGUMENT]...: runs one job
job() {
  job=$1
  shift
  case $job in
    nightly)
      begin_job && each_site clean_up && each_site resume_restore && open_repository || { note_failure; return 1; }
      each_site back_up nightly
      code=$?
      remove_old_backups || code=1
      ! drill_is_due || each_site prove || code=1
      return "$code"
      ;;
    resume) begin_job && each_site clean_up && each_site resume_restore ;;
    # systemd runs this after every job, even a killed one. It removes nothing while another job is in progress.
    clean) begin_job 2>/dev/null && each_site clean_up ;;
    now) begin_job && open_repository && for_site "$2" back_up "$1" ;;
    open) begin_job && open_repository ;;
    drill) begin_job && open_repository && for_site "$1" prove "$2" ;;
    restore) begin_job && open_repository && site "$1" && restore_site "$2" ;;
    *) printf '%s\n' "There is no job $job." >&2; return 1 ;;
  esac
}

# for_site DOMAIN COMMAND...: runs a command for a site, or for every site if the domain is empty
for_site() {
  only=$1
  shift
  if [ -n "$only" ]; then ( site "$only" && "$@" ); else each_site "$@"; fi
}

[ -r "$SETTINGS/settings" ] || { printf '%s\n' "There are no backups of $NAME on this host." >&2; exit 1; }
# shellcheck source=/dev/null # written by foobar-provision
. "$SETTINGS/settings"
prepare_reports
case $JOB in
  # foobar-provision reads the standard output of these two.
  list) require_keys && store snapshots --json --host "$NAME" ;;
  extract) site "$1" && require_keys && find_snapshot "$2" && store dump "$id" /site ;;
  # `make_backup` runs this in a separate mount namespace.
  view) site "$1" && take_snapshot "$2" "$3" ;;
  job) with_output ;;
  *) job "$JOB" "$@" ;;
esac
