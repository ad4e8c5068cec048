"""What an editor asks of a project, as functions of its texts and an offset: no server, no files, no clock."""
