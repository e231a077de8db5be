# The settings for backups of the configuration {{name}}. Written by foobar-provision: edits here are undone by its next run.
REPOSITORY={{repository}}
KIND={{kind}}
SFTP_USER={{user}}
SFTP_HOST={{host}}
SFTP_PORT={{port}}
DAILY={{daily}}
WEEKLY={{weekly}}
MONTHLY={{monthly}}
DRILL_TIMES={{drill}}
SITES={{sites}}
