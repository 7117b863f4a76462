"""Speaks OPC UA and MQTT; carries signals out and commands in; hosts the engine live; decides nothing."""
