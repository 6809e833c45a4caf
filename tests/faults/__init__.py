"""Delivery under fire: real processes, real servers, and a judge who reads what the mail server wrote down (docs/faults.md)."""
