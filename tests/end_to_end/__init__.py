"""The main job, proved from outside: processes of the program on one side, what a mail server received on the other."""
