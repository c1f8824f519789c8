-- watchman, events: returns the number of those that were given up, and the age of the oldest undelivered one in seconds.
SELECT failed, oldest FROM event_backlog()
