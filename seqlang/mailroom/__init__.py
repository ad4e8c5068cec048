"""Mail that comes back: reads mailboxes by IMAP, finds the message that a mail is about, and records what it means."""
