# What foobar-provision-certificate asks a CA for.
# Written by foobar-provision: edits here are undone by its next run.
NAMES='{{names}}'
WEBROOT='{{webroot}}'
DIRECTORY='{{directory}}'
# A CA with wide limits, asked first: what fails there is not asked for elsewhere.
REHEARSAL='{{rehearsal}}'
EMAIL='{{email}}'
