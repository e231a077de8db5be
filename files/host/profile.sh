# Settings for interactive shells.
# Written by foobar-provision: edits here are undone by its next run.

# A shell that is idle for an hour exits. To keep one open: unset TMOUT
export TMOUT=3600
# Programs that crash leave no core dump.
ulimit -c 0
