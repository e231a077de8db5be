# For those who work here.
# Written by foobar-provision: edits here are undone by its next run.

# A shell that nobody has typed into for an hour ends. Who wants one that stays says: unset TMOUT
export TMOUT=3600
# A program that crashes leaves none of its memory behind.
ulimit -c 0
