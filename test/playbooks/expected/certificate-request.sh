# What foobar-provision-certificate asks a CA for.
# Written by foobar-provision: edits here are undone by its next run.
NAMES='www.foobar.com foobar.com'
WEBROOT='/srv/www/foobar.com/proof'
DIRECTORY='https://ca.example/dir'
# A CA with generous limits, tried first: what fails there is not requested from the real one.
REHEARSAL='https://staging.example/dir'
EMAIL='ops@foobar.com'
