"""The endpoint: HTTP and Server-Sent Events on one side, the ChatKit protocol on the other."""
