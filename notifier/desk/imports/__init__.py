"""Files that users write, turned into rows: parsing apart from applying, every fault named with file, line and field."""
