"""One module for each row of the table in docs/faults.md."""
