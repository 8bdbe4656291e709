"""What the commands of plugin authors are made of: a plugin taken from a folder, pages fetched without a database, checks, trials."""
