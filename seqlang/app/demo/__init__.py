"""The quickstart, end to end: a real project, a real database, real mail to a catcher on this machine."""
