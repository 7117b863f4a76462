"""The words every side speaks: ids, signals, messages, commands, master data, tariffs."""
