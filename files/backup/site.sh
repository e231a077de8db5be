# The settings of a site for its backups. Written by foobar-provision: edits here are undone by its next run.
USER_NAME={{user}}
DATABASE={{database}}
ACCOUNT={{account}}
UNITS={{units}}
CACHE={{cache}}
