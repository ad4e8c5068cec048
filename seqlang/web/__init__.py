"""The web application: tracking links, the page to unsubscribe, what providers tell us (`seqlang serve`)."""
