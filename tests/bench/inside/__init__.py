"""What runs in the processes that are measured, with Django set up before anything here is imported."""
