"""Other senders, each in an environment of its own (``requirements-bench.txt``) and as its documentation has it for many mails."""
