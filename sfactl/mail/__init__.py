"""Mail: how a message is made and handed to a server."""
