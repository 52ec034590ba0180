"""The files of the capital programme: schemes, changes, reasons and funding."""
