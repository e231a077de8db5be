# What foobar-provision-certificate asks a CA for.
# Written by foobar-provision: edits here are undone by its next run.
NAMES='{{names}}'
WEBROOT='{{webroot}}'
DIRECTORY='{{directory}}'
# A CA with generous limits, tried first: what fails there is not requested from the real one.
REHEARSAL='{{rehearsal}}'
EMAIL='{{email}}'
