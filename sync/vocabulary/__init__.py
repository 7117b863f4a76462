"""The words every side speaks: ids, signals, messages, commands, decisions and their wording, master data, tariffs."""
