"""Whether other operators' tools read what leaves the program: ``write`` makes files, ``check`` reads them with a parser of others."""
